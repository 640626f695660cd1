// One PE: merger, writer and loader, in this order in every cycle (rules 17 to 20). The merger looks at the heads of
// all fibers for the smallest coordinate, element by element.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <vector>

#include "sim/machine.h"
#include "tests/twin/twin_cache.h"
#include "tests/twin/twin_combining_buffer.h"
#include "tests/twin/twin_task.h"

namespace heddle::twin {

/// Deviations from the rules on purpose: the tests show that each is noticed.
struct PeMutation {
  // bursts
  std::uint64_t shares_of_a_fiber = 4;  ///< of operand_lines: twice the two halves
  bool empty_fibers_uncounted = false;
  bool header_bursts_backwards = false;
  // port
  bool port_before_merge = false;
  bool heads_before_refills = false;
  bool pointers_before_heads = false;
  bool newest_refill_first = false;
  bool refills_need_line_buffers = false;
  std::uint64_t port_beats_more = 0;
  bool port_never_busy = false;
  bool lines_backwards = false;
  bool last_of_latest_lines = false;
  std::uint64_t replies_later = 0, replies_earlier = 0;  ///< than one line per cycle
  bool operand_lines_freed_when_consumed = false;
  bool one_operand_line_per_head = false;
  bool pointers_for_one_fiber = false;
  bool pointers_in_equal_lines = false;
  // writes
  bool write_bursts_from_output = false;
  bool writes_line_by_line = false;
  bool write_bursts_take_all_lines = false;
  bool room_for_first_burst_only = false;
  std::uint64_t write_lines_later = 0;
  // account
  bool last_of_latest_heads = false;
  // cache
  bool clusters_in_turn = false;
};

struct PeContext {
  PeConfig config;
  std::uint64_t element_bytes;
  Array b_pointers;
  Cycle sram_latency;
  PeMutation mutation;
  std::uint64_t cluster = 0;  ///< of the cache, for its reads
};

class TwinPe {
 public:
  TwinPe(const PeContext& context, TwinCache& cache, TwinCombiningBuffer& combining, TwinMemory& memory, WorkLog& log)
      : context_(context), config_(context_.config), cache_(cache), combining_(combining), memory_(memory), log_(log) {}

  /// From the dispatcher in cycle t; seen from t + 1 on.
  void give(std::shared_ptr<TwinTask> task, Cycle t);
  /// Tasks held, the one given in this cycle included.
  std::uint64_t held() const { return tasks_.size() + inbox_.size(); }
  void step(Cycle t);
  bool done() const;

  TwinAccount account;
  std::uint64_t products = 0;  ///< elements of rows of B consumed
  std::uint64_t emitted = 0;   ///< elements of C

 private:
  struct Request {  // consecutive lines asked for together
    std::vector<const Reply*> lines;
    Cycle earliest;  // its last line cannot be here before
    Reply reply;
  };
  struct Burst {
    LineAddr first = 0;
    std::uint64_t lines = 0;
    const Reply* reply = nullptr;  // once requested; bursts 0 and 1 share one
  };
  struct FiberState {
    const TwinFiber* fiber = nullptr;
    std::vector<Burst> bursts;
    std::uint64_t consumed = 0;
    LineAddr first_pointer_line = 0, last_pointer_line = 0;
    const Reply* pointers = nullptr;  // once requested

    bool head_requested() const { return bursts.empty() || bursts[0].reply != nullptr; }
    std::uint64_t head_lines() const {
      return (bursts.empty() ? 0 : bursts[0].lines) + (bursts.size() < 2 ? 0 : bursts[1].lines);
    }
  };
  struct TaskState {
    std::shared_ptr<TwinTask> task;
    std::list<FiberState> fibers;
    std::vector<Coordinate> output;
    bool started = false;
    std::uint64_t inputs_left = 0;
    std::uint64_t outputs_done = 0;
  };
  struct WriteBurst {
    std::shared_ptr<TwinTask> task;
    ByteRange bytes;
    std::uint64_t lines = 0;            // write lines it takes
    std::optional<Cycle> issue_at;      // known once its last byte is under way
    std::vector<const Reply*> replies;  // once issued
  };
  struct Refill {
    FiberState* fiber;
    std::uint64_t index;
  };

  void accept(std::shared_ptr<TwinTask> task);
  std::uint64_t lines_of_a_burst(const TwinTask& task);
  // merger
  void merge(Cycle t);
  void end_empty_tasks(Cycle t);
  bool can_start(const TaskState& task, Cycle t) const;
  void start(TaskState& task);
  FiberState& smallest_head(TaskState& task) const;
  bool last_input_of_output(const TaskState& task, const FiberState& of) const;
  bool work(TaskState& task, Cycle t);
  bool try_consume(TaskState& task, Cycle t);
  void consume(TaskState& task, FiberState& fiber, Cycle t);
  void emit(TaskState& task, Cycle t);
  void end_current(Cycle t);
  ByteRange bytes_of(const FiberState& fiber) const;
  ByteRange next_element(const FiberState& fiber) const;
  ByteRange next_element(const TaskState& task) const;
  ByteRange output_of(const TaskState& task) const;
  std::vector<const Reply*> bursts_of_next_element(const FiberState& fiber) const;
  void queue_refill(FiberState& fiber, std::uint64_t index);
  // account
  void wait(Cycle t) { waiting_.push_back(t); }
  void charge_start(const TaskState& task);
  void charge_element(const TaskState& task, Tensor in, const std::vector<const Reply*>& bursts);
  // writer
  std::vector<WriteBurst> new_write_bursts(const TaskState& task) const;
  bool free_again(const WriteBurst& burst, Cycle t) const;
  bool write_room(const std::vector<WriteBurst>& wanted, Cycle t) const;
  void issue_writes(Cycle t);
  // loader
  void port(Cycle t);
  bool port_is_busy(Cycle t);
  bool issue_refill(Cycle t);
  bool issue_head(Cycle t);
  bool issue_pointers(Cycle t);
  bool pointers_in(const FiberState& fiber, Cycle t) const;
  std::uint64_t operand_lines_held() const;
  const Reply& request(const FiberState* fiber, LineAddr first, std::uint64_t lines, Cycle t);
  void decide_replies();

  PeContext context_;
  const PeConfig& config_;
  TwinCache& cache_;
  TwinCombiningBuffer& combining_;
  TwinMemory& memory_;
  WorkLog& log_;

  std::deque<std::pair<std::shared_ptr<TwinTask>, Cycle>> inbox_;
  std::list<TaskState> tasks_;  // the first is current
  std::uint64_t last_lines_of_a_burst_ = 0;
  std::optional<Cycle> last_consumed_;
  std::optional<Cycle> consume_at_;        // of the element at work
  std::vector<Cycle> waiting_;             // cycles of the present wait, not yet charged
  std::optional<Cycle> write_room_since_;  // when the element that waits found its write lines free
  std::vector<WriteBurst> write_bursts_;
  std::deque<Refill> refills_;
  std::deque<Request> requests_;
  std::vector<const Reply*> outstanding_;
  Cycle port_free_at_ = 0;
};

}  // namespace heddle::twin
