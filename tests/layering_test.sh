#!/usr/bin/env bash
# The dependency picture of the tree, as forbidden includes:
#   sim/base <- matrices, sim;  matrices + sim <- dataflows <- models <- tools;  nothing includes tests.
#   layering_test.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"
failures=0

# forbid FOLDER PATTERN REASON: no source below FOLDER may include a path that matches PATTERN.
forbid() {
  local hits
  [[ -d $1 ]] || return 0
  hits=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[\"<]($2)" "$1" --include='*.h' --include='*.cpp' || true)
  [[ -z $hits ]] && return 0
  echo "$3:"
  echo "$hits"
  failures=$((failures + 1))
}

forbid sim/base 'sim/[^b]|sim/b[^a]|matrices/|dataflows/|models/|tools/' 'sim/base may include nothing but itself'
forbid sim 'matrices/|dataflows/|models/|tools/' 'sim knows no matrix class and no dataflow'
forbid sim/kernel 'sim/(memory|compute|network|report)/' 'the kernel knows no block'
forbid sim/memory 'sim/(compute|network|report|store)/' 'memory is below compute, network, report and store'
forbid sim/store 'sim/(kernel|memory|compute|network|report)/' 'the store knows descriptions, no block'
forbid matrices 'sim/[^b]|sim/b[^a]|dataflows/|models/|tools/' 'matrices may include sim/base and itself'
forbid dataflows 'models/|tools/' 'dataflows may not include models or tools'
forbid models 'tools/|dataflows/.*/' "models may not include tools or a dataflow's internals"
forbid tools 'dataflows/.*/' "tools may not include a dataflow's internals"
for folder in sim matrices dataflows models tools; do
  forbid "$folder" 'tests/|gtest|gmock|benchmark/' 'nothing includes tests or their libraries'
  [[ $folder == models ]] || forbid "$folder" 'torch/|ATen/' 'LibTorch belongs to the one .cpp file that trains'
  forbid "$folder" '\.\./' 'includes start at the root of the repository'
done

for folder in models/*/; do
  for file in "$folder"*; do  # its own folder, torch/, is a shared object opened on demand
    [[ $(basename "$file") == torch ]] || forbid "$file" 'torch/|ATen/' 'LibTorch belongs to the one .cpp file that trains'
  done
done

if ((failures > 0)); then
  echo "$failures rules broken"
  exit 1
fi
echo "layering holds"
