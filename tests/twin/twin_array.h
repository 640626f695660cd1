// The multiplying array of the outer product (rules O2 to O4).
#pragma once

#include <vector>

#include "dataflows/config.h"
#include "matrices/workload.h"
#include "tests/twin/twin_cache.h"
#include "tests/twin/twin_stream.h"
#include "tests/twin/twin_task.h"

namespace heddle::twin {

/// Deviations from the rules on purpose: the tests show that each is noticed.
struct ArrayMutation {
  bool products_before_puts = false;
  bool streams_backwards = false;
  // chunks
  bool chunks_without_a = false;
  bool one_chunk_per_cycle = false;
  bool chunk_charged_after_room = false;
  Cycle chunk_under_way_longer = 0;
  // pipelined phases
  bool rows_complete_a_cycle_early = false;
  bool rows_complete_by_last_line = false;
};

class TwinArray {
 public:
  TwinArray(const Workload& workload, const Config& config, const Layout& layout, TwinCache& cache, TwinMemory& memory,
            WorkLog& log, ArrayMutation mutation = {});

  /// A cycle of the multiply phase.
  void step(Cycle t);
  /// The last cycle of the multiply phase, once it has come.
  std::optional<Cycle> ended_at() const { return ended_at_; }
  std::uint64_t products() const { return formed_; }
  /// Past the last byte of the log once all products are in it.
  std::uint64_t whole_log_end() const { return whole_log_end_; }
  /// With `phases: pipelined`: the row need not be held back in `t` any more.
  bool row_complete(std::uint64_t row, Cycle t) const;
  /// The partial fibers of a row of A in the order of the log.
  const std::vector<TwinFiber>& fibers_of_row(std::uint64_t row) const { return fibers_of_row_[row]; }

  TwinAccount account;

 private:
  /// One segment of row k of B against column k of A; without elements (q = 0) it only passes the column's lines.
  struct Segment {
    std::uint64_t first = 0, size = 0;  // elements of row k of B
    std::uint64_t a_position = 0;       // of the column's first line in the sequence of A' lines
    std::uint64_t b_position = 0;       // of the segment's first line in the sequence of B lines
  };
  struct Step {
    Coordinate k = 0;
    std::vector<Coordinate> column;  // rows of A
    std::uint64_t column_first = 0;  // element of A'
    std::vector<Segment> segments;
  };

  void plan(const Workload& workload, const Config& config);
  void put_lines(Cycle t);
  void request_chunks(Cycle t);
  bool chunk_ready(Cycle t) const;
  void form_products(Cycle t);
  bool pointers_in(Cycle t) const;
  bool pass_empty(Cycle t);
  bool form_one(Cycle t);
  void pass_k(Cycle t);
  void charge_wait();
  bool room_for_next(Cycle t) const;
  std::uint64_t next_product_bytes() const;
  const Step& current() const { return steps_[k_]; }
  std::uint64_t lines_of_column_element(const Step& step, const Segment& segment, std::uint64_t i,
                                        std::uint64_t* first_position) const;
  std::uint64_t next_a_position() const;
  std::uint64_t next_b_position() const;

  const Layout layout_;
  TwinCache& cache_;
  WorkLog& log_;
  ArrayMutation mutation_;
  std::uint64_t element_bytes_, header_bytes_, multipliers_, banks_, append_bytes_;
  std::uint64_t total_products_;

  std::vector<Step> steps_;                            // one per k
  std::vector<TwinStream> streams_;                    // A' pointers, A' elements, B pointers, B elements
  std::uint64_t k_ = 0, segment_ = 0, i_ = 0, j_ = 0;  // the next product
  std::uint64_t seen_ = 0;                             // lines of a column without a row of B that have come
  std::uint64_t formed_ = 0;
  std::uint64_t log_end_;  // past what has been appended
  std::uint64_t whole_log_end_ = 0;
  struct Chunk {                            // of one partial fiber
    std::uint64_t a_first = 0, a_last = 0;  // positions of the lines of its element of A'
    std::optional<Cycle> requested;
  };
  Cycle chunk_latency_;
  std::uint64_t chunk_requests_;
  std::vector<Chunk> chunks_;  // in log order
  std::uint64_t fiber_ = 0;    // of the next product, in log order
  struct Put {
    std::uint64_t bytes;
    const Reply* reply;
  };
  std::vector<Put> puts_;
  std::uint64_t put_bytes_ = 0;
  std::vector<Cycle> waiting_;
  std::optional<Cycle> room_since_;
  bool busy_ = false;
  std::optional<Cycle> ended_at_;
  std::vector<std::vector<TwinFiber>> fibers_of_row_;
};

}  // namespace heddle::twin
