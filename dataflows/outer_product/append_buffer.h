// The buffer between the multipliers and the banks: products are appended to the log, complete lines of it are put into
// the partial-sum buffer. Rule O3 (a) of dataflows/SEMANTICS.md.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "dataflows/outer_product/complete_rows.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/cache.h"

namespace heddle::outer_product {

class AppendBuffer final : public ReplySink {
 public:
  /// The log is bytes [begin, end), begin at a line boundary. At most `banks` lines per cycle are put. `rows` are told
  /// of every line that is accepted, unless nullptr.
  AppendBuffer(std::uint64_t begin, std::uint64_t end, std::uint32_t lines, std::uint32_t banks, Cache& cache,
               Kernel& kernel, CompleteRows* rows);
  /// The agent to be stepped when a put that was not answered at once is accepted.
  void set_owner(AgentId owner) { owner_ = owner; }

  /// Count what has been accepted by `now`; then put complete lines, and the last one when everything is appended.
  void step(Cycle now);
  /// Bytes that may be appended, after step(now).
  std::uint64_t room() const { return capacity_ - (appended_ - accepted_); }
  void append(std::uint64_t bytes) { appended_ += bytes; }

  /// There are lines that can be put in the next cycle.
  bool wants() const { return lines_to_put() > put_lines_; }
  bool all_put() const { return appended_ == size_ && !wants(); }
  /// All lines are put and the cycle of the last acceptance, last_accepted(), is known.
  bool all_known() const { return all_put() && unknown_ == 0; }
  Cycle last_accepted() const { return last_accepted_; }
  /// The next cycle in which a put is known to be accepted; kNever if none is.
  Cycle next_acceptance(Cycle now) const;

  void on_reply(Reply& reply) override;

 private:
  static constexpr Cycle kWheel = 64;

  void settle(Cycle now);
  void put_line(Cycle now);
  void accept(std::uint64_t line, Cycle at, std::uint32_t bytes);
  std::uint64_t lines_to_put() const {
    return appended_ == size_ ? (size_ + kLineBytes - 1) / kLineBytes : appended_ / kLineBytes;
  }

  std::uint64_t begin_, size_;
  std::uint64_t capacity_;
  std::uint32_t banks_;
  Cache& cache_;
  Kernel& kernel_;
  CompleteRows* rows_;
  AgentId owner_ = 0;
  std::uint64_t appended_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t put_lines_ = 0;
  std::uint64_t unknown_ = 0;  // puts not yet answered
  Cycle last_accepted_ = 0;
  Cycle settled_ = 0;  // acceptances up to and including this cycle are counted
  struct Slot {
    BurstReply reply;
    std::uint64_t line = 0;  // of the log
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::array<std::uint32_t, kWheel> near_{};  // bytes accepted in a cycle of the next kWheel
  using Late = std::pair<Cycle, std::uint32_t>;
  std::priority_queue<Late, std::vector<Late>, std::greater<>> late_;
};

}  // namespace heddle::outer_product
