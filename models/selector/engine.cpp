#include "models/selector/engine.h"

#include <algorithm>

namespace heddle::selector {

void ReconfigurationEngine::observe_winner(std::size_t winner) {
  if (winner == winner_) {
    ++run_;
  } else {
    if (run_ > 0) {
      runs_ += 1;
      products_ += run_;
    }
    winner_ = winner;
    run_ = 1;
  }
}

/// Away from the first dataflow: the way back must stay paid for. To the first: always.
bool ReconfigurationEngine::affordable(std::size_t target, const PerDataflow& predicted) const {
  const double floor = -config_.risk * cost_;
  if (target == first_) return true;
  const double after = lead_ + predicted[first_] - predicted[target] - (target == loaded_ ? 0 : cost_);
  return after - cost_ >= floor;
}

std::size_t ReconfigurationEngine::decide(const PerDataflow& predicted) {
  const std::size_t winner = smallest(predicted);
  observe_winner(winner);
  const double expected = std::max(1.0, (config_.expected_run + products_) / runs_);
  const double saving = predicted[loaded_] - predicted[winner];
  const bool alone = saving > config_.alpha * cost_;
  const bool together = saving * expected > config_.alpha * cost_ && run_ >= config_.patience;
  std::size_t next = loaded_;
  if (saving > 0 && (alone || together) && affordable(winner, predicted)) next = winner;
  if (next == loaded_ && !affordable(loaded_, predicted)) next = first_;
  lead_ += predicted[first_] - predicted[next] - (next == loaded_ ? 0 : cost_);
  loaded_ = next;
  return next;
}

}  // namespace heddle::selector
