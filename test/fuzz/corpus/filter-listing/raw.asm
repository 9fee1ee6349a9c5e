.inst 0x1234 1 2 0x3
neg
tax
txa
ja L
ld #5
L: ret #0
