// A DRAM that tells a timeline how many lines are in flight and how fast data moves; its replies are those of the DRAM
// it stands before.
#pragma once

#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "sim/base/pool.h"
#include "sim/memory/dram.h"

namespace heddle {

class TracedDram final : public Dram, public ReplySink {
 public:
  /// Every `period` cycles the sink is told, if they have changed: lines requested whose reply's cycle has not come,
  /// and bytes per cycle of the replies whose cycle came in the period.
  TracedDram(std::unique_ptr<Dram> dram, ActivitySink& sink, Cycle period = 64);

  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override;
  void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override;
  void read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override;
  void write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override;
  void on_reply(Reply& reply) override;

  bool done() const override { return dram_->done(); }
  Cycle last_write_done() const override { return dram_->last_write_done(); }
  void close(Cycle total) override;
  std::uint32_t channels() const override { return dram_->channels(); }
  DramChannelStats channel_stats(std::uint32_t channel) const override { return dram_->channel_stats(channel); }
  double peak_bytes_per_cycle() const override { return dram_->peak_bytes_per_cycle(); }

 private:
  struct Request {
    Reply reply;
    Reply* original = nullptr;
    std::uint64_t lines = 0;
  };
  using Answer = std::pair<Cycle, std::uint64_t>;  // lines whose reply says this cycle

  template <class Call>
  void forward(std::uint64_t lines, Cycle now, Reply& reply, Call&& call);
  void answer(std::uint32_t index);
  void sample_until(Cycle now);

  std::unique_ptr<Dram> dram_;
  ActivitySink& sink_;
  const Cycle period_;
  Cycle sampled_ = 0;  // the end of the last period told
  std::uint64_t in_flight_ = 0;
  std::uint64_t told_in_flight_ = 0, told_lines_ = 0;
  Pool<Request> requests_;
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers_;
};

}  // namespace heddle
