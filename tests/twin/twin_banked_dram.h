// Banked DRAM for the twins. The command-level model has a per-cycle twin of its own (dram_twin_test.cpp), so here the
// production model is used, but driven the naive way: the whole twin is one agent of its kernel, stepped in every
// single cycle after the channels, and asks line by line, never for blocks.
#pragma once

#include <memory>

#include "sim/kernel/kernel.h"
#include "sim/memory/dram.h"
#include "tests/twin/twin_base.h"

namespace heddle::twin {

class TwinBankedDram final : public TwinMemory {
 public:
  TwinBankedDram(const DramConfig& config, Frequency clock, WorkLog& log)
      : TwinMemory(log), dram_(make_dram(config, clock, kernel_)) {}

  void drive(const std::function<bool(Cycle)>& cycle) override {
    EveryCycle everything(cycle);
    kernel_.add(everything);
    kernel_.run();
    const DramChannelStats stats = (dram_->close(std::max(kernel_.now() + 1, last_write_done())), dram_->stats());
    refreshes = stats.refreshes;
    write_drains = stats.write_drains;
    row_conflicts = stats.row_conflicts;
    queue_full = stats.queue_full;
  }
  Cycle last_write_done() const override { return dram_->last_write_done(); }

  std::uint64_t refreshes = 0, write_drains = 0, row_conflicts = 0, queue_full = 0;  ///< after drive()

 protected:
  void request_read(LineAddr line, Tensor tensor, Cycle t, Reply& reply) override {
    reply.sink = &deaf_;
    dram_->read(line, tensor, t, reply);
  }
  void request_write(LineAddr line, Tensor tensor, Cycle t, Reply& reply) override {
    reply.sink = &deaf_;
    dram_->write(line, tensor, t, reply);
  }

 private:
  class EveryCycle final : public Agent {
   public:
    explicit EveryCycle(const std::function<bool(Cycle)>& cycle) : cycle_(cycle) {}
    Cycle step(Cycle now) override {
      if (now > kTooLong) throw InternalError("the twin does not end");
      done_ = !cycle_(now);
      return done_ ? kNever : now + 1;
    }
    bool done() const override { return done_; }
    std::string waiting_for() const override { return "its own end"; }

   private:
    const std::function<bool(Cycle)>& cycle_;
    bool done_ = false;
  };
  /// The twins poll.
  class Deaf final : public ReplySink {
    void on_reply(Reply&) override {}
  };

  Kernel kernel_;
  Deaf deaf_;
  std::unique_ptr<Dram> dram_;
};

}  // namespace heddle::twin
