#include "sim/memory/mshrs.h"

#include "sim/base/errors.h"

namespace heddle {

Mshrs::Mshrs(std::uint32_t banks, std::uint32_t per_bank, Cycle latency, ReplySink& sink)
    : per_bank_(per_bank),
      latency_(latency),
      mshrs_(std::size_t{banks} * per_bank),
      free_at_(mshrs_.size(), 0),
      fill_at_(mshrs_.size(), 0),
      bank_free_at_(banks, 0) {
  HEDDLE_CHECK(per_bank > 0 && per_bank <= CacheSets::kNoMshr);
  for (std::uint32_t m = 0; m < mshrs_.size(); ++m) {
    mshrs_[m].bank = m / per_bank;
    for (Reply* reply : {&mshrs_[m].fill, &mshrs_[m].eviction}) reply->sink = &sink, reply->tag = m, reply->at = 0;
  }
}

Cycle Mshrs::next_end(std::uint32_t bank, Cycle g) const {
  Cycle next = kNever;
  const std::size_t first = std::size_t{bank} * per_bank_;
  for (std::size_t m = first; m < first + per_bank_; ++m)
    for (const Cycle at : {fill_at_[m], free_at_[m]})
      if (at > g) next = std::min(next, at);
  return next;
}

void Mshrs::answer_waiters(std::uint32_t index) {
  ListPool<Waiter>::List waiting = mshrs_[index].waiters;
  mshrs_[index].waiters = {};
  while (!waiting.empty()) {
    const Waiter waiter = waiters_.front(waiting);
    waiters_.pop(waiting);
    answer(waiter, mshrs_[index].fill);
    if (waiter.reply->known()) waiter.reply->sink->on_reply(*waiter.reply);
  }
}

}  // namespace heddle
