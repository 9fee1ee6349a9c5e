/**
 * readline cuts words at COMP_WORDBREAKS, so the words are put together again as they stand on the line, and what stands
 * before the last cut is taken off the candidates.
 */
const BASH = `# bash completion of callgate: source <(callgate completion bash)
_callgate() {
  local -a words=() found=()
  local line="\${COMP_LINE:0:COMP_POINT}" rest word index cut reply directive path prefix
  # A word of COMP_WORDS that follows another without a blank belongs to it.
  rest="$line"
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    ((index == COMP_CWORD)) && word="\${rest#"\${rest%%[![:space:]]*}"}"
    if ((index > 0)) && [[ \${#words[@]} -gt 0 && -n $rest && $rest != [[:space:]]* ]]; then
      words[\${#words[@]} - 1]+="$word"
    else
      words+=("$word")
    fi
    rest="\${rest#*"$word"}"
  done
  word="\${words[\${#words[@]} - 1]}"
  for ((index = 1; index < \${#words[@]}; index++)); do
    case \${words[index]} in
    \\'*\\') words[index]="\${words[index]:1:-1}" ;;
    \\"*\\") words[index]="\${words[index]:1:-1}" ;;
    esac
  done
  word="\${word#[\\'\\"]}"
  words[\${#words[@]} - 1]="$word"
  cut="\${word%"\${word##*["$COMP_WORDBREAKS"]}"}"
  # Bash leaves an @ to the word behind it.
  cut="\${cut%@}"
  while IFS= read -r reply; do
    case $reply in
    :[0-9]*) directive="\${reply#:}" ;;
    *) found+=("\${reply#"$cut"}") ;;
    esac
  done < <("\${words[0]/#\\~/$HOME}" __completeNoDesc "\${words[@]:1}" 2>/dev/null)
  [[ -n $directive ]] || return
  if ((!(directive & 4))); then
    path="\${word##*[=:]}"
    prefix="\${word%"$path"}"
    prefix="\${prefix#"$cut"}"
    ((directive & 16)) && index=-d || index=-f
    while IFS= read -r reply; do found+=("$prefix$reply"); done < <(compgen "$index" -- "$path")
    compopt -o filenames
  fi
  ((directive & 2)) && compopt -o nospace
  compopt -o nosort 2>/dev/null
  COMPREPLY=("\${found[@]}")
}
complete -F _callgate callgate
`;

const ZSH = `#compdef callgate
# zsh completion of callgate: a file _callgate in a directory of fpath, or source <(callgate completion zsh)
_callgate() {
  local -a lines shown values open shownOpen
  local line value about directive
  lines=("\${(@f)$(\${(Q)words[1]} __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  [[ $directive == <-> ]] || return 1
  for line in "\${(@)lines[1,-2]}"; do
    value=\${line%%$'\\t'*}
    about=\${line#*$'\\t'}
    [[ $about != $line ]] && about="$value -- $about" || about=$value
    if [[ $value == *[@:=] ]]; then
      open+=("$value") shownOpen+=("$about")
    else
      values+=("$value") shown+=("$about")
    fi
  done
  local result=1
  (($#values)) && compadd -Q -l -V callgate -d shown -a -- values && result=0
  (($#open)) && compadd -Q -l -V callgate -S '' -d shownOpen -a -- open && result=0
  if ((!(directive & 4))); then
    compset -P '*[=:]'
    if ((directive & 16)); then _files -/ && result=0; else _files && result=0; fi
  fi
  return result
}
if [[ $funcstack[1] == _callgate ]]; then
  _callgate "$@"
else
  compdef _callgate callgate
fi
`;

const FISH = `# fish completion of callgate: ~/.config/fish/completions/callgate.fish
function __callgate_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l bare (string trim --left --chars "'\\"" -- $word)
    set -l lines ($words[1] __complete $words[2..-1] "$bare" 2>/dev/null)
    set -l directive (string replace ':' '' -- $lines[-1])
    string match -qr '^[0-9]+$' -- $directive; or return
    test (count $lines) -gt 1; and printf '%s\\n' $lines[1..-2]
    test (math "bitand($directive, 4)") = 0; or return
    set -l path (string replace -r '^.*[=:]' '' -- "$bare")
    set -l prefix (string sub --length (math (string length -- "$bare") - (string length -- "$path")) -- "$bare")
    if test (math "bitand($directive, 16)") = 0
        __fish_complete_path "$path" | string replace -r '^' "$prefix"
    else
        __fish_complete_directories "$path" '' | string replace -r '^' "$prefix"
    end
end
complete -c callgate -f -k -a '(__callgate_complete)'
`;

/** By the shell's name. */
export const scripts: ReadonlyMap<string, string> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
]);

export const SHELLS: readonly string[] = [...scripts.keys()];
