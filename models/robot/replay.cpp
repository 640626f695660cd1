#include "models/robot/replay.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/robot/context.h"
#include "sim/base/errors.h"

namespace heddle::robot {
namespace {

std::string seconds_key(double seconds) {
  return std::to_string(std::llround(seconds)) + "s";
}

/// Outcomes of one set of knobs, by length and policy.
struct KnobRuns {
  std::map<double, std::map<Policy, RunOutcome>> runs;
  double speedup(double seconds, Policy policy) const {
    const auto& of_length = runs.at(seconds);
    return of_length.at(Policy::cfs).total_s / of_length.at(policy).total_s;
  }
};

KnobRuns run_all(const ContextConfig& config, const KnobConfig& knobs, ActivitySink* timeline) {
  KnobRuns all;
  for (const double seconds : config.seconds) {
    all.runs[seconds][Policy::cfs] = replay_robot(config.setup, {Policy::cfs, seconds, knobs, 1});
    for (const Policy policy : config.policies) {
      if (policy == Policy::cfs) continue;
      all.runs[seconds][policy] = replay_robot(config.setup, {policy, seconds, knobs, 1}, timeline);
      timeline = nullptr;  // the first context-aware run only
    }
  }
  return all;
}

Json outcome_json(const RunOutcome& o) {
  Json json = {{"total_s", o.total_s},
               {"updates", o.updates},
               {"controller_steps", o.controller_steps},
               {"least_gap_s", o.least_gap_s},
               {"moving_fraction", o.moving_fraction},
               {"residency", o.high_weight_residency}};
  for (const ModuleResult& m : o.modules)
    json["modules"][m.name] = {
        {"events", m.events},           {"handled", m.handled},         {"skipped", m.skipped},
        {"vetoed", m.vetoed},           {"late_frames", m.late_frames}, {"turnaround_ms", m.turnaround_ms},
        {"cpu_seconds", m.cpu_seconds}, {"last_begin_s", m.last_cpu_s}, {"end_s", m.end_s},
        {"mean_share", m.mean_share}};
  return json;
}

void add_published(const ContextConfig& config, const NamedKnobs& knobs, const KnobRuns& runs, ReplayResult& result) {
  for (const PublishedSpeedup& p : config.published) {
    const std::string policy(enum_name(p.policy));
    ReplayRow row{"speedup." + knobs.name + "." + seconds_key(p.seconds) + "." + policy,
                  policy + " over cfs, " + seconds_key(p.seconds) + ", knobs " + knobs.name,
                  "x",
                  runs.speedup(p.seconds, p.policy),
                  p.speedup,
                  {},
                  "simulated, no parameter fitted to it"};
    if (p.tolerance > 0) row.tolerance = p.tolerance;
    result.rows.push_back(std::move(row));
  }
}

ReplayTable module_table(const RobotSetup& setup, const KnobRuns& runs, double seconds) {
  ReplayTable table{"modules over " + seconds_key(seconds) + ", first set of knobs",
                    {"policy", "module", "events", "handled", "skipped", "vetoed", "late frames", "turnaround\nms",
                     "CPU\ns", "end\ns", "mean share"},
                    {}};
  for (const auto& [policy, outcome] : runs.runs.at(seconds))
    for (std::size_t m = 0; m < setup.modules.size(); ++m) {
      const ModuleResult& r = outcome.modules[m];
      table.rows.push_back({std::string(enum_name(policy)), r.name, double(r.events), double(r.handled),
                            double(r.skipped), double(r.vetoed), double(r.late_frames), r.turnaround_ms, r.cpu_seconds,
                            r.end_s, r.mean_share});
    }
  return table;
}

ReplayTable speedup_table(const ContextConfig& config, const std::vector<KnobRuns>& all) {
  ReplayTable table{"total seconds of cfs, and speed-up over it", {"knobs", "footage", "moving", "cfs"}, {}};
  for (const Policy policy : config.policies)
    if (policy != Policy::cfs) table.headers.emplace_back(enum_name(policy));
  for (std::size_t k = 0; k < all.size(); ++k)
    for (const double seconds : config.seconds) {
      const RunOutcome& base = all[k].runs.at(seconds).at(Policy::cfs);
      std::vector<ReplayTable::Cell> cells = {config.knobs[k].name, seconds_key(seconds), base.moving_fraction,
                                              base.total_s};
      for (const Policy policy : config.policies)
        if (policy != Policy::cfs) cells.emplace_back(all[k].speedup(seconds, policy));
      table.rows.push_back(std::move(cells));
    }
  return table;
}

/// Every state the modules' scores can be in: active first, the last module changing fastest.
void add_states(const RobotSetup& setup, ReplayResult& result) {
  const std::size_t modules = setup.modules.size();
  result.results["states"] = Json::array();
  for (std::size_t state = 0; modules < 8 && state < (std::size_t{1} << modules); ++state) {
    std::vector<double> scores;
    for (std::size_t m = 0; m < modules; ++m)
      scores.push_back((state >> (modules - 1 - m) & 1) == 0 ? setup.modules[m].score_active
                                                             : setup.modules[m].score_idle);
    const auto share = shares(scores, std::vector<bool>(modules, true));
    if (!share) continue;
    Json json = {{"scores", scores}, {"shares", *share}};
    for (const double s : *share) {
      json["cpus"].push_back(quota_cpus(s, setup.platform.cpus));
      json["rt_us"].push_back(rt_runtime_us(s));
    }
    result.results["states"].push_back(std::move(json));
  }
}

/// Comparisons a reader would make by eye, as numbers: 1 where a policy's speed-up rises with the length of the
/// footage, ratios of speed-ups and of turnarounds.
void add_shape(const ContextConfig& config, const NamedKnobs& knobs, const KnobRuns& all, ReplayResult& result) {
  Json& shape = result.results["shape"][knobs.name];
  const bool both = std::count(config.policies.begin(), config.policies.end(), Policy::cfs_ca) > 0 &&
                    std::count(config.policies.begin(), config.policies.end(), Policy::rt_ca) > 0;
  for (const Policy policy : config.policies) {
    bool rises = true;
    double last = 0;
    for (const auto& [seconds, runs] : all.runs) {
      rises = rises && all.speedup(seconds, policy) > last;
      last = all.speedup(seconds, policy);
    }
    shape["rises"][std::string(enum_name(policy))] = rises ? 1 : 0;
  }
  if (!both) return;
  for (const auto& [seconds, runs] : all.runs) {
    shape["rt_over_cfs"][seconds_key(seconds)] =
        all.speedup(seconds, Policy::rt_ca) / all.speedup(seconds, Policy::cfs_ca);
    for (std::size_t m = 0; m < config.setup.modules.size(); ++m) {
      const auto took = [&, &of = runs](Policy policy) { return of.at(policy).modules[m].turnaround_ms; };
      if (took(Policy::cfs) <= 0 || took(Policy::rt_ca) <= 0) continue;
      shape["turnaround"][seconds_key(seconds)][config.setup.modules[m].name] = {
          {"cfs_ca_over_cfs", took(Policy::cfs_ca) / took(Policy::cfs)},
          {"cfs_ca_over_rt_ca", took(Policy::cfs_ca) / took(Policy::rt_ca)}};
    }
  }
}

ReplayFigure speedup_figure(const ContextConfig& config, const std::vector<KnobRuns>& all) {
  ReplayFigure figure;
  figure.title = "Speed-up of total execution time over plain CFS, by knobs";
  figure.x_label = "policy and footage";
  figure.y_label = "speed-up (x)";
  figure.series.push_back({"published", {}, {}});
  for (const NamedKnobs& knobs : config.knobs) figure.series.push_back({knobs.name, {}, {}});
  for (const PublishedSpeedup& p : config.published) {
    figure.categories.push_back(std::string(enum_name(p.policy)) + " " + seconds_key(p.seconds));
    figure.series[0].y.push_back(p.speedup);
    for (std::size_t k = 0; k < all.size(); ++k) figure.series[k + 1].y.push_back(all[k].speedup(p.seconds, p.policy));
  }
  return figure;
}

ReplayFigure share_figure(const RobotSetup& setup, const RunOutcome& outcome) {
  ReplayFigure figure;
  figure.title = "Share of each module over time, context-aware CFS";
  figure.x_label = "time (s)";
  figure.y_label = "share";
  figure.kind = ReplayFigure::Kind::steps;
  for (std::size_t m = 0; m < setup.modules.size(); ++m) {
    figure.series.push_back({setup.modules[m].name, {}, {}});
    for (const ShareUpdate& update : outcome.updates_log) {
      figure.series.back().x.push_back(update.at_s);
      figure.series.back().y.push_back(update.shares[m]);
    }
  }
  return figure;
}

/// Shares of the longest cfs_ca run, for the plot of share over time.
void add_share_log(const RobotSetup& setup, const RunOutcome& outcome, ReplayResult& result) {
  Json log = {{"at_s", Json::array()}};
  for (const ShareUpdate& update : outcome.updates_log) {
    log["at_s"].push_back(update.at_s);
    for (std::size_t m = 0; m < setup.modules.size(); ++m) log[setup.modules[m].name].push_back(update.shares[m]);
  }
  result.results["share_over_time"] = std::move(log);
}

void add_log_rows(const ContextConfig& config, const RunOutcome& outcome, ReplayResult& result) {
  const auto row = [&](const std::string& key, const std::string& what, double ours, double published,
                       double tolerance) {
    if (published == 0) return;
    ReplayRow r{
        "log." + key, what, "", ours, published, {}, "logged runs of the released code; events of the same statistics"};
    if (tolerance > 0) r.tolerance = tolerance;
    result.rows.push_back(std::move(r));
  };
  row("updates", "updates of the shares", double(outcome.updates), config.log.updates, config.log.updates_tolerance);
  row("residency", "life of the first module with its active score", outcome.high_weight_residency,
      config.log.residency, config.log.residency_tolerance);
  for (std::size_t m = 0; m < config.log.mean_shares.size() && m < outcome.modules.size(); ++m)
    row("share." + outcome.modules[m].name, "mean share of " + outcome.modules[m].name, outcome.modules[m].mean_share,
        config.log.mean_shares[m], config.log.shares_tolerance);
}

}  // namespace

void validate(const ContextConfig& config) {
  validate(config.setup);
  if (config.policies.empty()) throw InputError("policies: expected at least one");
  if (config.seconds.empty()) throw InputError("seconds: expected at least one length");
  if (config.knobs.empty()) throw InputError("knobs: expected at least one set, such as {name: off}");
  for (const double seconds : config.seconds)
    if (seconds > config.setup.timeline.duration_s)
      throw InputError("seconds: " + seconds_key(seconds) + " is longer than the timeline");
  for (const PublishedSpeedup& p : config.published)
    if (std::find(config.seconds.begin(), config.seconds.end(), p.seconds) == config.seconds.end() ||
        std::find(config.policies.begin(), config.policies.end(), p.policy) == config.policies.end())
      throw InputError("published: " + std::string(enum_name(p.policy)) + " at " + seconds_key(p.seconds) +
                       " is not run");
}

ReplayResult replay_context(const ContextConfig& config, ActivitySink* timeline) {
  validate(config);
  ReplayResult result;
  result.title = "Context-aware robot tasks: one timeline under CFS, real-time and deadline scheduling";
  result.notes = {"speed-up: total execution time of plain CFS over that of the policy, same events",
                  "knobs are effects the paper does not describe; all off in the set `off`, each alone in the others"};
  std::vector<KnobRuns> all;
  for (const NamedKnobs& knobs : config.knobs) {
    all.push_back(run_all(config, knobs.knobs, all.empty() ? timeline : nullptr));
    for (const auto& [seconds, of_length] : all.back().runs)
      for (const auto& [policy, outcome] : of_length) {
        Json json = outcome_json(outcome);
        json["speedup"] = all.back().speedup(seconds, policy);
        result.results["runs"][knobs.name][seconds_key(seconds)][std::string(enum_name(policy))] = std::move(json);
      }
    add_published(config, knobs, all.back(), result);
    add_shape(config, knobs, all.back(), result);
  }
  const double longest = *std::max_element(config.seconds.begin(), config.seconds.end());
  result.tables = {speedup_table(config, all), module_table(config.setup, all.front(), longest)};
  result.figures.push_back(speedup_figure(config, all));
  add_states(config.setup, result);
  const auto& detail = all.front().runs.at(longest);
  const auto shown = detail.find(Policy::cfs_ca);
  if (shown != detail.end()) {
    result.figures.push_back(share_figure(config.setup, shown->second));
    add_share_log(config.setup, shown->second, result);
    RunRequest logged{Policy::cfs_ca, config.log.seconds, {}, config.log.host_speed};
    const RunOutcome outcome = replay_robot(config.setup, logged);
    result.results["logged_host"] = outcome_json(outcome);
    add_log_rows(config, outcome, result);
  }
  return result;
}

}  // namespace heddle::robot
