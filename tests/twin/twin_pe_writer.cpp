// The writer of a PE (rule 18): the output goes out in bursts, each when its last byte is there.
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

/// Bursts of the output that its next element is the first to touch.
std::vector<TwinPe::WriteBurst> TwinPe::new_write_bursts(const TaskState& task) const {
  const PeMutation& mutation = context_.mutation;
  const ByteRange output = output_of(task);
  const ByteRange element = next_element(task);
  const std::uint64_t burst_lines = mutation.writes_line_by_line ? 1 : config_.burst_lines;
  const LineAddr origin = mutation.write_bursts_from_output ? line_of(output.first) : 0;
  std::vector<WriteBurst> bursts;
  for (LineAddr line = line_of(element.first); line <= line_of(element.last - 1); ++line) {
    const LineAddr first_line = (line - origin) / burst_lines * burst_lines + origin;
    const ByteRange bytes{std::max(output.first, first_line * kLineBytes),
                          std::min(output.last, (first_line + burst_lines) * kLineBytes)};
    if (bytes.first < element.first) continue;                                  // touched before
    if (!bursts.empty() && bursts.back().bytes.first == bytes.first) continue;  // two lines of one burst
    const std::uint64_t lines =
        mutation.write_bursts_take_all_lines ? burst_lines : lines_spanned(bytes.first, bytes.last);
    bursts.push_back({task.task, bytes, lines, std::nullopt, {}});
  }
  return bursts;
}

bool TwinPe::free_again(const WriteBurst& burst, Cycle t) const {
  if (burst.replies.empty()) return false;
  for (const Reply* reply : burst.replies)
    if (!is_in(*reply, t - context_.mutation.write_lines_later)) return false;
  return true;
}

/// Write lines for all these bursts are free.
bool TwinPe::write_room(const std::vector<WriteBurst>& wanted, Cycle t) const {
  std::uint64_t lines = 0;
  for (const WriteBurst& burst : write_bursts_)
    if (!free_again(burst, t)) lines += burst.lines;
  for (const WriteBurst& burst : wanted) {
    lines += burst.lines;
    if (context_.mutation.room_for_first_burst_only) break;
  }
  if (lines <= config_.write_lines) return true;
  ++log_.events["output_full"];
  for (const WriteBurst& burst : wanted)
    if (burst.lines > 1) ++log_.events["output_full_for_several_lines"];
  if (wanted.size() > 1) ++log_.events["output_full_for_two_bursts"];
  return false;
}

/// The next output element is complete: it will be in its line `latency` cycles from now.
void TwinPe::emit(TaskState& task, Cycle t) {
  for (const WriteBurst& burst : new_write_bursts(task)) write_bursts_.push_back(burst);
  const ByteRange element = next_element(task);
  for (WriteBurst& burst : write_bursts_) {
    const std::uint64_t last = burst.bytes.last - 1;
    if (burst.task == task.task && element.first <= last && last < element.last) burst.issue_at = t + config_.latency;
  }
  ++task.outputs_done;
  if (task.task->to_c) ++emitted;
}

void TwinPe::issue_writes(Cycle t) {
  for (WriteBurst& burst : write_bursts_) {  // of one cycle: one task, in address order
    if (burst.issue_at != t) continue;
    log_.mark(t);
    for (LineAddr line = line_of(burst.bytes.first); line <= line_of(burst.bytes.last - 1); ++line) {
      if (!burst.task->to_c) {
        burst.replies.push_back(
            &cache_.access(TwinCache::Kind::put, line, Tensor::partial, burst.bytes.in_line(line), t));
        burst.task->puts.push_back(burst.replies.back());
      } else if (combining_.shared(line)) {
        burst.replies.push_back(&combining_.contribute(line, burst.bytes.in_line(line), t));
      } else {
        burst.replies.push_back(&memory_.write(line, Tensor::c, t));
      }
    }
    if (burst.replies.size() > 1) ++log_.events["writes_of_several_lines"];
  }
  std::erase_if(write_bursts_, [&](const WriteBurst& burst) { return free_again(burst, t); });
}

}  // namespace heddle::twin
