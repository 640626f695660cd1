// Neighbours for tests of one block: a memory of fixed latency, and an agent that acts by a script.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/memory/memory.h"

namespace heddle::test {

/// Reads take `read_latency`, writes `write_latency` cycles; or, when `deferred`, nothing is answered until answer().
class MockMemory final : public Memory {
 public:
  struct Request {
    bool write = false;
    LineAddr line = 0;
    Tensor tensor = Tensor::a;
    Cycle at = 0;
    Reply* reply = nullptr;
    friend bool operator==(const Request& x, const Request& y) {
      return x.write == y.write && x.line == y.line && x.tensor == y.tensor && x.at == y.at;
    }
  };

  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    requests.push_back({false, line, tensor, now, &reply});
    if (!deferred) decide(reply, now, now + read_latency);
  }
  void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    requests.push_back({true, line, tensor, now, &reply});
    if (!deferred) decide(reply, now, now + write_latency);
  }
  void read_block(LineAddr, std::uint64_t, Tensor, Cycle, Reply&) override { throw std::logic_error("not expected"); }
  void write_block(LineAddr, std::uint64_t, Tensor, Cycle, Reply&) override { throw std::logic_error("not expected"); }

  /// Decide request number `index` now, to be done in cycle `at`.
  void answer(std::size_t index, Cycle at) {
    Reply& reply = *requests.at(index).reply;
    decide(reply, requests[index].at, at);
    reply.sink->on_reply(reply);
  }

  Cycle read_latency = 10;
  Cycle write_latency = 6;
  bool deferred = false;
  std::vector<Request> requests;

 private:
  static void decide(Reply& reply, Cycle now, Cycle at) {
    reply.granted = reply.dram_start = now;
    reply.dram_done = reply.at = at;
    reply.queue_cause = Cause::dram_queue;
  }
};

/// Notes which replies were decided after their call, by tag.
class MockSink final : public ReplySink {
 public:
  void on_reply(Reply& reply) override { decided.push_back(reply.tag); }
  std::vector<std::uint32_t> decided;
};

/// Does in each cycle what the script says; registered where its construction stands.
class Script final : public Agent {
 public:
  explicit Script(Kernel& kernel) : kernel_(kernel), id_(kernel.add(*this, true)) {}
  void at(Cycle cycle, std::function<void(Cycle)> action) {
    actions_.emplace(cycle, std::move(action));
    kernel_.wake(id_, actions_.begin()->first);
  }

  Cycle step(Cycle now) override {
    while (!actions_.empty() && actions_.begin()->first == now) {
      const auto action = actions_.begin()->second;
      actions_.erase(actions_.begin());
      action(now);
    }
    return actions_.empty() ? kNever : actions_.begin()->first;
  }
  bool done() const override { return actions_.empty(); }
  std::string waiting_for() const override { return "its script"; }

 private:
  Kernel& kernel_;
  AgentId id_;
  std::multimap<Cycle, std::function<void(Cycle)>> actions_;
};

}  // namespace heddle::test
