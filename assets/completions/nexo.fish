# nexo completion for fish:
#   nexo completions fish > ~/.config/fish/completions/nexo.fish
function __nexo_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete "--partial=$current" -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':folders'
                __fish_complete_directories "$current" ''
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c nexo -f -a '(__nexo_complete)'
