// Replayed workloads by the `kind:` of their file. The table in replay.cpp is the only list of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/replay/result.h"
#include "sim/base/config_tree.h"
#include "sim/base/help.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle {

/// A workload file: its kind beside the keys of that kind.
template <class Config>
struct ReplayFile {
  std::string kind;
  Config config;
};
template <class V, class Config>
void describe(V& v, ReplayFile<Config>& f) {
  v.field("kind", f.kind, "name", "which replay the file is for");
  describe(v, f.config);
}

/// A file that was read, as far as its kind is not needed.
struct ReplayRun {
  Json effective_config;
  std::string config_hash;
  ReplayResult result;  ///< empty when only checked
};

struct ReplayKind {
  std::string_view name;
  std::string_view text;
  /// Throws InputError. Reads only, unless `replay`.
  ReplayRun (*run)(const ConfigTree& tree, bool replay, ActivitySink* timeline);
  /// The text of --help-config.
  std::string (*keys)(const std::string& name);
};

/// What describe() cannot check, a `validate(const Config&)` beside the configuration does.
template <class Config, ReplayResult (*replay)(const Config&, ActivitySink*)>
constexpr ReplayKind replay_kind(std::string_view name, std::string_view text) {
  return {name, text,
          [](const ConfigTree& tree, bool run, ActivitySink* timeline) {
            ReplayFile<Config> file;
            read_config(tree, file);
            ReplayRun outcome{to_json(file), config_hash(file), {}};
            if constexpr (requires { validate(file.config); }) validate(file.config);
            if (run) outcome.result = replay(file.config, timeline);
            return outcome;
          },
          [](const std::string& kind) {
            ReplayFile<Config> file;
            file.kind = kind;
            return help_config(file);
          }};
}

std::span<const ReplayKind> replay_kinds();
/// Throws InputError with the nearest name.
const ReplayKind& find_replay_kind(const std::string& name);
/// Of a file with `kind:`; throws InputError when there is none.
const ReplayKind& kind_of(const ConfigTree& tree);
inline bool is_replay(const ConfigTree& tree) {
  return tree.root.find("kind") != nullptr;
}

/// A cell of a table: whole numbers as they are ("8", "54,377"), others with three digits.
std::string replay_number(double number);

/// Title, notes, tables, then published against ours with the error of each row.
std::string replay_text(const ReplayResult& result, bool colour);
/// {"heddle", "kind", "config_hash", "effective_config", "title", "notes", "rows", "tables", "results"}
Json replay_json(const ReplayKind& kind, const ReplayRun& run);

}  // namespace heddle
