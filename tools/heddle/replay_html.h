// A replay as one self-contained page: figures, tables, published figures beside ours.
#pragma once

#include <string>
#include <vector>

#include "tools/heddle/replay.h"

namespace heddle {

struct ReplayPage {
  std::string file;  ///< what was replayed
  const ReplayKind* kind = nullptr;
  ReplayRun run;
};

/// Nothing is fetched from a network. Throws InputError when gnuplot is missing and there are figures.
std::string replay_html(const std::vector<ReplayPage>& pages);

}  // namespace heddle
