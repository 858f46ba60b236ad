# nexo completion for PowerShell: put this line into $PROFILE
#   nexo completions pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName nexo -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
  $before = @($words | Select-Object -Skip 1)
  & $words[0] __complete "--partial=$wordToComplete" '--' @before 2>$null | ForEach-Object {
    if (-not $_.StartsWith(':')) {
      $value, $description = $_ -split [char]9, 2
      if (-not $description) { $description = $value }
      [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
  }
}
