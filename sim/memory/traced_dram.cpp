#include "sim/memory/traced_dram.h"

namespace heddle {

TracedDram::TracedDram(std::unique_ptr<Dram> dram, ActivitySink& sink, Cycle period)
    : dram_(std::move(dram)), sink_(sink), period_(period) {}

/// The request is made with a reply of our own, so that every answer passes here.
template <class Call>
void TracedDram::forward(std::uint64_t lines, Cycle now, Reply& reply, Call&& call) {
  sample_until(now);
  in_flight_ += lines;
  const std::uint32_t index = requests_.take();
  Request& request = requests_[index];
  request.original = &reply;
  request.lines = lines;
  request.reply = Reply{};
  request.reply.sink = this;
  request.reply.tag = index;
  reply.at = kNever;
  call(request.reply);
  if (request.reply.known()) answer(index);
}

void TracedDram::read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) {
  forward(1, now, reply, [&](Reply& own) { dram_->read(line, tensor, now, own); });
}

void TracedDram::write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) {
  forward(1, now, reply, [&](Reply& own) { dram_->write(line, tensor, now, own); });
}

void TracedDram::read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) {
  forward(count, now, reply, [&](Reply& own) { dram_->read_block(first, count, tensor, now, own); });
}

void TracedDram::write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) {
  forward(count, now, reply, [&](Reply& own) { dram_->write_block(first, count, tensor, now, own); });
}

void TracedDram::answer(std::uint32_t index) {
  const Request& request = requests_[index];
  static_cast<Milestones&>(*request.original) = request.reply;
  answers_.emplace(request.reply.at, request.lines);
  requests_.give_back(index);
}

void TracedDram::on_reply(Reply& reply) {
  Reply& original = *requests_[reply.tag].original;
  answer(reply.tag);
  original.sink->on_reply(original);
}

/// Tell of the periods that end by `now`.
void TracedDram::sample_until(Cycle now) {
  for (Cycle end = sampled_ + period_; end <= now; end = sampled_ + period_) {
    std::uint64_t lines = 0;
    for (; !answers_.empty() && answers_.top().first < end; answers_.pop()) lines += answers_.top().second;
    in_flight_ -= lines;
    if (lines != told_lines_)
      sink_.on_counter("dram bytes per cycle", sampled_,
                       static_cast<double>(lines * kLineBytes) / static_cast<double>(period_));
    if (in_flight_ != told_in_flight_) sink_.on_counter("dram lines in flight", end, static_cast<double>(in_flight_));
    told_lines_ = lines;
    told_in_flight_ = in_flight_;
    sampled_ = end;
    if (in_flight_ == 0 && lines == 0) sampled_ = now / period_ * period_;  // nothing happened until now
  }
}

void TracedDram::close(Cycle total) {
  sample_until(total + 2 * period_);
  dram_->close(total);
}

}  // namespace heddle
