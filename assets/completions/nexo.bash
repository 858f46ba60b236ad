# nexo completion for bash: put this line into ~/.bashrc
#   eval "$(nexo completions bash)"
_nexo() {
  local rest=${COMP_LINE:0:COMP_POINT} words=() count=0 i word value blank
  # Bash splits words at = and : as well; here they are put together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=${rest%%[![:space:]]*}
    rest=${rest#"$blank"}
    word=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$rest
    rest=${rest#"$word"}
    if [[ -n $blank || $i -eq 0 ]]; then
      words[count]=$word
      count=$((count + 1))
    else
      words[count - 1]+=$word
    fi
  done
  local partial=${words[count - 1]} prefix='' kind=words
  if [[ $partial == *=* && $COMP_WORDBREAKS == *=* ]]; then prefix=${partial%%=*}=; fi
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    if [[ $value == :* ]]; then kind=${value#:}; else COMPREPLY+=("${value#"$prefix"}"); fi
  done < <("${1/#\~/$HOME}" __complete "--partial=$partial" -- "${words[@]:1:count-2}" 2>/dev/null)
  case $kind in
    files) ;;
    folders) compopt +o default -o dirnames 2>/dev/null ;;
    *) compopt +o default 2>/dev/null ;;
  esac
}
complete -o default -F _nexo nexo
