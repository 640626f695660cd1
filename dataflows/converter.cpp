// The element line read as the n-th of a pass stays in slot n mod stream_lines until the n-th line is written. Pointer
// lines leave as they arrive, so they have slots of their own; both kinds together are limited to stream_lines.
#include "dataflows/converter.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle {

std::uint32_t conversion_passes(const Config& config, std::uint64_t columns, std::uint64_t nnz) {
  if (nnz == 0) return 1;
  const std::uint64_t fan_out = std::max<std::uint64_t>(2, config.machine.sram.capacity.count / kLineBytes / 2);
  std::uint32_t passes = 1;
  for (std::uint64_t reach = fan_out; reach < columns; reach *= fan_out) ++passes;
  return passes;
}

Conversion make_conversion(const Config& config, const Csr& source, const Array& pointers, const Array& elements,
                           const Layout& layout, Tensor tensor) {
  Conversion conversion;
  conversion.pointers = line_of(pointers.base);
  conversion.elements = line_of(elements.base);
  conversion.converted_pointers = line_of(layout.converted_pointers.base);
  conversion.converted = line_of(layout.converted.base);
  conversion.pointer_lines = lines_spanned(pointers.base, pointers.byte(source.rows + std::uint64_t{1}));
  conversion.element_lines = lines_spanned(elements.base, elements.byte(source.nnz()));
  conversion.converted_pointer_lines =
      lines_spanned(layout.converted_pointers.base, layout.converted_pointers.byte(source.cols + std::uint64_t{1}));
  conversion.passes = conversion_passes(config, source.cols, source.nnz());
  conversion.stream_lines = config.machine.stream_lines;
  conversion.tensor = tensor;
  return conversion;
}

Converter::Converter(const Conversion& conversion, Memory& dram, Kernel& kernel)
    : work_(conversion), dram_(dram), kernel_(kernel), id_(kernel.add(*this)), successor_(id_) {
  for (std::vector<Reply>* slots : {&pointer_reads_, &element_reads_, &writes_}) {
    slots->resize(work_.stream_lines);
    for (Reply& slot : *slots) slot.at = 0, slot.sink = this;
  }
}

void Converter::on_reply(Reply& reply) {
  kernel_.wake(id_, reply.at);
}

bool Converter::all_in(const std::vector<Reply>& slots, Cycle now) const {
  return std::all_of(slots.begin(), slots.end(), [now](const Reply& slot) { return slot.at <= now; });
}

Reply* Converter::free_slot(std::vector<Reply>& slots, Cycle now) {
  const auto slot = std::find_if(slots.begin(), slots.end(), [now](const Reply& s) { return s.at <= now; });
  return slot == slots.end() ? nullptr : &*slot;
}

bool Converter::write_one(Cycle now) {
  if (written_ == output_lines()) return false;
  const bool element = written_ < work_.element_lines;
  if (element) {
    const bool requested = input_pointer_lines() + written_ < read_;
    if (!requested || element_reads_[written_ % work_.stream_lines].at > now) return false;
  } else if (read_ < input_lines() || !all_in(pointer_reads_, now)) {
    return false;
  }
  Reply* const slot = free_slot(writes_, now);
  if (slot == nullptr) return false;
  slot->at = kNever;
  if (element) {
    dram_.write(work_.converted + written_, work_.tensor, now, *slot);
  } else {
    dram_.write(work_.converted_pointers + (written_ - work_.element_lines), Tensor::pointers, now, *slot);
  }
  ++written_;
  return true;
}

LineAddr Converter::input_line(std::uint64_t index) const {
  if (index < input_pointer_lines()) return work_.pointers + index;
  return (pass_ == 0 ? work_.elements : work_.converted) + (index - input_pointer_lines());
}

bool Converter::read_one(Cycle now) {
  if (read_ == input_lines()) return false;
  const bool pointer = read_ < input_pointer_lines();
  const std::uint64_t elements_read = pointer ? 0 : read_ - input_pointer_lines();
  const std::uint64_t elements_held = elements_read - std::min(elements_read, written_);
  const auto pointers_held = static_cast<std::uint64_t>(
      std::count_if(pointer_reads_.begin(), pointer_reads_.end(), [now](const Reply& s) { return s.at > now; }));
  if (elements_held + pointers_held >= work_.stream_lines) return false;
  Reply* const slot = pointer ? free_slot(pointer_reads_, now) : &element_reads_[elements_read % work_.stream_lines];
  slot->at = kNever;
  dram_.read(input_line(read_), pointer ? Tensor::pointers : work_.tensor, now, *slot);
  ++read_;
  return true;
}

Cycle Converter::next_known(Cycle now) const {
  Cycle next = kNever;
  for (const std::vector<Reply>* slots : {&pointer_reads_, &element_reads_, &writes_})
    for (const Reply& slot : *slots)
      if (slot.at > now) next = std::min(next, slot.at);
  return next;
}

/// All lines of the pass written and accepted: on to the next pass, or hand over.
bool Converter::end_pass(Cycle now) {
  if (written_ < output_lines() || !all_in(writes_, now)) return false;
  for (const Reply& slot : writes_) end_ = std::max(end_, slot.at);
  ++pass_;
  read_ = written_ = 0;
  begin_ = now + 1;
  if (pass_ == work_.passes) {
    finished_ = true;
    if (successor_ != id_) kernel_.wake(successor_, now);
  }
  return true;
}

Cycle Converter::step(Cycle now) {
  if (now < begin_) return begin_;
  if (end_pass(now)) return finished_ ? kNever : begin_;
  const bool wrote = write_one(now);
  const bool read = read_one(now);
  return wrote || read ? now + 1 : next_known(now);
}

std::string Converter::waiting_for() const {
  return "conversion pass " + std::to_string(pass_ + 1) + " of " + std::to_string(work_.passes) + ": " +
         std::to_string(read_) + " of " + std::to_string(input_lines()) + " lines read, " + std::to_string(written_) +
         " of " + std::to_string(output_lines()) + " written";
}

}  // namespace heddle
