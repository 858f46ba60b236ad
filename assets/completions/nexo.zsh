#compdef nexo
# nexo completion for zsh: put this line into ~/.zshrc, after compinit
#   eval "$(nexo completions zsh)"
_nexo() {
  local -a lines described
  local line kind=words
  lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "--partial=${(Q)PREFIX}" -- "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    if [[ $line == :* ]]; then
      kind=${line#:}
    elif [[ -n $line ]]; then
      described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  if [[ $kind != words && $PREFIX == --*=* ]]; then compset -P '*='; fi
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
    *) (( ${#described} )) && _describe -t words nexo described ;;
  esac
}
if [[ ${funcstack[1]} == _nexo ]]; then _nexo "$@"; else compdef _nexo nexo; fi
