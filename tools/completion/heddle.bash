# bash completion of heddle; installed as bash-completion/completions/heddle, or: source tools/completion/heddle.bash
_heddle() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} sub=${COMP_WORDS[1]:-}
  local words=
  COMPREPLY=()
  case $previous in
    --dataflow | -d) words="all auto inner_product outer_product row_wise" ;;
    --check) words="auto on off" ;;
    --machine | -m)
      words=$(heddle simulate - --machine '?' 2>&1 | sed -n 's/.*Known: \([^(]*\).*/\1/p' | tr -d ,)
      ;;
    --family) words="uniform rectangular rmat power_law banded block mesh2d mesh3d n_m_pruned pruned hypersparse" ;;
  esac
  if [[ -z $words ]]; then
    if ((COMP_CWORD == 1)); then
      words="simulate sweep report matrix replay check compare reproduce selector help --version"
    elif [[ $sub == help ]]; then
      words="simulate sweep report matrix replay check compare reproduce selector results"
    elif [[ $sub == matrix && $COMP_CWORD -eq 2 ]]; then
      words="info generate convert reorder"
    elif [[ $sub == selector && $COMP_CWORD -eq 2 ]]; then
      words="label train evaluate choose"
    elif [[ $sub == selector && ${COMP_WORDS[2]} == train && $COMP_CWORD -eq 3 ]]; then
      words="tree dqn"
    elif [[ $sub == sweep && $COMP_CWORD -eq 2 && $current != -* ]]; then
      words="status merge export"
    elif [[ $current == -* ]]; then
      local -a command=("${COMP_WORDS[@]:1:1}")
      [[ $sub == matrix || $sub == selector || ${COMP_WORDS[2]:-} =~ ^(status|merge|export)$ ]] && command=("${COMP_WORDS[@]:1:2}")
      words=$(heddle help "${command[@]}" 2>/dev/null | grep -oE -- '--[a-z0-9-]+' | sort -u)
    fi
  fi
  [[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  [[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -o filenames -F _heddle heddle
