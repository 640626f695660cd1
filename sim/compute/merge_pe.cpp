#include "sim/compute/merge_pe.h"

#include <algorithm>

namespace heddle {

MergePe::MergePe(const MergePeConfig& config, std::uint32_t number, const MergePeNeighbours& neighbours)
    : loader_(config, neighbours.cache, *this),
      merger_(config, neighbours.planner, loader_, writer_, account_),
      writer_(config.pe, config.c, neighbours.cache, neighbours.dram, neighbours.combining, neighbours.listener, *this),
      number_(number),
      id_(neighbours.kernel.add(*this, true)),
      listener_(neighbours.listener),
      kernel_(neighbours.kernel) {}

void MergePe::push(const Task& task, Cycle now) {
  loader_.push(task, now);
  look_at(now + 1, port_at_);
  look_at(now + 1, merge_at_);
}

Cycle MergePe::step(Cycle now) {
  if (now >= merge_at_) merge(now);
  if (now >= write_at_) {
    writer_.issue(now);
    write_at_ = writer_.next_due();
    if (merger_.waits_for_room()) merge(now);
  }
  if (now >= port_at_) {
    if (loader_.issue(now) && merge_wanted(now)) merge(now);  // the reply may start the task or let it go on
    port_at_ = loader_.next_issue(now + 1);
    if (!merger_.running()) merge_at_ = next_merge(now);  // the same
  }
  return std::min({merge_at_, write_at_, port_at_});
}

/// The merge phase of cycle `now`, and whatever of later cycles is decided.
void MergePe::merge(Cycle now) {
  if (merge_wanted(now)) go_on(now);
  write_at_ = writer_.next_due();
  merge_at_ = next_merge(now);
  port_at_ = now;  // it may have more to do
}

bool MergePe::merge_wanted(Cycle now) const {
  if (merger_.running()) return merger_.end() == now || merger_.can_advance(now);
  if (!loader_.sees_task(now)) return false;
  const Cycle in = loader_.operands_in();
  return waits_for_task_ || (in != kNever && (in <= now || !loader_.empty_task()));
}

void MergePe::go_on(Cycle now) {
  while (true) {
    merger_.advance(now);
    if (merger_.running()) {
      if (merger_.end() != now) return;
      end_task(now);
      continue;
    }
    if (!loader_.sees_task(now)) return;
    if (waits_for_task_) account_.no_work(now), waits_for_task_ = false;
    const Cycle operands_in = loader_.operands_in();
    if (operands_in == kNever || (loader_.empty_task() && operands_in > now)) return;
    loader_.charge_start(account_);
    if (loader_.empty_task())
      end_task(now);
    else
      merger_.begin(std::max({operands_in, free_from_, now}));
  }
}

void MergePe::end_task(Cycle now) {
  const Task task = loader_.task();
  ++stats_.tasks;
  last_end_ = now;
  if (merger_.running()) {
    const MergePlan& plan = merger_.plan();
    stats_.consumed += plan.elements;
    if (task.kind == FiberKind::b) stats_.products += plan.elements;
    (task.partial == nullptr ? stats_.c_elements : stats_.partial_elements) += plan.outputs;
    free_from_ = now + 1;
    merger_.finish();
  } else if (task.partial != nullptr) {
    listener_.on_partial_end(task.tag, now);
  }
  loader_.pop();
  listener_.on_task_end(number_, task, now);
  waits_for_task_ = loader_.tasks() == 0 || !loader_.sees_task(now);
}

/// The next cycle in which merge() may find something to do, unless a reply is decided or a request issued.
Cycle MergePe::next_merge(Cycle now) const {
  if (merger_.running()) return std::min(merger_.end(), std::max(merger_.retry(), now + 1));
  if (!loader_.sees_task(now + 1)) return kNever;
  return loader_.sees_task(now) ? std::max(loader_.operands_in(), now + 1) : now + 1;
}

/// Something decided in this cycle may matter in cycle `at`.
void MergePe::look_at(Cycle at, Cycle& what) {
  what = std::min(what, at);
  kernel_.wake(id_, at);
}

void MergePe::on_reply(Reply& reply) {
  if ((reply.tag & LineWriter::kTagBit) != 0) {
    writer_.on_reply(reply);
    if (merger_.waits_for_room()) look_at(reply.at, merge_at_);
    return;
  }
  if (loader_.on_reply(reply)) look_at(reply.at, port_at_);
  // Operands of a task that is not yet first are looked at when it is.
  const bool start = !merger_.running() && loader_.tasks() != 0 && loader_.operands_in() != kNever;
  if (start || merger_.waits_for(reply)) look_at(reply.at, merge_at_);
}

}  // namespace heddle
