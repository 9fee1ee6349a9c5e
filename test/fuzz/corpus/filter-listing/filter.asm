      ld [4]                         ; arch
      jeq #0xc000003e, L3, L2
L2:   ret #0x80000000
L3:   ld [0]
      jset #0x40000000, L9
      jge #334, L9, L6
L6:   ldx #len
      st M[3]
      and #0xff
      ret a
L9:   ret #0x7fff0000
