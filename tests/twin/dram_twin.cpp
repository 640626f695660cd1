#include "tests/twin/dram_twin.h"

#include <algorithm>

namespace heddle::twin {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};

/// Takes the lowest digit of x in base `count`.
std::uint64_t peel(std::uint64_t& x, std::uint64_t count) {
  const std::uint64_t digit = x % count;
  x /= count;
  return digit;
}

}  // namespace

TwinDram::TwinDram(const BankedDramConfig& config, std::uint64_t core_hertz, bool youngest_first)
    : config_(config), part_(resolve_part(config)), core_hertz_(core_hertz), youngest_first_(youngest_first) {
  stats.resize(part_.channels);
  channels_.resize(part_.channels);
  queues_.resize(part_.channels / config.channels_per_queue);
  for (Channel& channel : channels_) channel.refresh_due = part_.timing.refi;
}

TwinDram::Place TwinDram::place_of(std::uint64_t x) const {
  const std::uint64_t units = config_.channels_per_queue;
  const std::uint64_t queues = part_.channels / units;
  const std::uint64_t columns = part_.row_bytes / part_.burst_bytes;
  std::uint64_t queue = 0, unit = 0, group = 0, bank = 0;
  if (config_.map == DramMap::bank_group_interleaved) {
    const std::uint64_t of_line = 64 / part_.burst_bytes;
    const std::uint64_t groups = side_by_side() ? 1 : of_line;
    if (side_by_side())
      peel(x, of_line);
    else
      group = peel(x, of_line);
    queue = peel(x, queues);
    unit = peel(x, units);
    group += groups * peel(x, part_.bank_groups / groups);
    peel(x, side_by_side() ? columns / of_line : columns);
    bank = peel(x, part_.banks);
    bank = (bank + x) % part_.banks;
  } else if (config_.map == DramMap::ro_ba_ra_co_ch) {
    queue = peel(x, queues);
    peel(x, columns);
    unit = peel(x, units);
    group = peel(x, part_.bank_groups);
    bank = peel(x, part_.banks);
  } else {
    queue = peel(x, queues);
    std::uint64_t column = peel(x, 4);
    unit = peel(x, units);
    group = peel(x, part_.bank_groups);
    bank = peel(x, part_.banks);
    column += 4 * peel(x, columns / 4);
    unit ^= peel(column, units);
    group ^= peel(column, part_.bank_groups);
    bank ^= peel(column, part_.banks);
    x ^= column;
  }
  return {queue * units + unit, group, bank, x};
}

std::uint64_t TwinDram::bursts_of_access() const {
  return config_.map == DramMap::bank_group_interleaved ? 64 / part_.burst_bytes : 1;
}

/// Whether the bursts of an access lie in one row of one bank.
bool TwinDram::side_by_side() const {
  return part_.bank_groups < bursts_of_access();
}

void TwinDram::hand_over(std::size_t request, const DramRequest& r, Clock seen) {
  const std::uint64_t of_line = 64 / part_.burst_bytes;
  for (std::uint64_t x = r.line * of_line; x < (r.line + r.count) * of_line; x += bursts_of_access()) {
    Access access{.request = request, .x = x, .bursts = {}, .seen = seen, .tensor = r.tensor, .write = r.write};
    for (std::uint64_t b = x; b < x + bursts_of_access(); ++b) access.bursts.push_back(place_of(b));
    queue_of(access.bank()).fifo.push_back(access);
  }
}

void TwinDram::run(const std::vector<DramRequest>& requests, Cycle total) {
  answers.assign(requests.size(), {});
  last_x_.assign(requests.size(), 0);
  left_.clear();
  for (const DramRequest& r : requests) left_.push_back(r.count * (64 / part_.burst_bytes) / bursts_of_access());
  const Clock end = total * part_.clock_hertz / core_hertz_;
  std::size_t next = 0;
  bool active = true;
  for (Clock now = 0; active || now < transfers_end(); ++now) {
    active = now <= end || next < requests.size() || busy();
    while (next < requests.size() && requests[next].cycle * part_.clock_hertz < now * core_hertz_) {
      answers[next].granted = requests[next].cycle;
      hand_over(next, requests[next], now);
      ++next;
    }
    for (std::size_t q = 0; active && q < queues_.size(); ++q)
      clock_queue(queues_[q], q * config_.channels_per_queue, now);
    for (std::size_t c = 0; c < channels_.size(); ++c)
      if (now < end || (!channels_[c].transfers.empty() && now < channels_[c].transfers.back().end)) account(c, now);
  }
  for (std::size_t c = 0; c < channels_.size(); ++c)
    stats[c].peak_bytes = stats[c].clocks / part_.timing.burst * part_.burst_bytes;
}

TwinDram::Clock TwinDram::transfers_end() const {
  Clock last = 0;
  for (const Channel& channel : channels_)
    if (!channel.transfers.empty()) last = std::max(last, channel.transfers.back().end);
  return last;
}

bool TwinDram::busy() const {
  for (const Queue& q : queues_)
    if (!q.fifo.empty() || !q.reads.empty() || !q.writes.empty()) return true;
  return false;
}

void TwinDram::clock_queue(Queue& queue, std::uint64_t first_channel, Clock now) {
  feed(queue, now);
  turn(queue, first_channel);
  if (config_.refresh) refresh(queue, first_channel, now);
  column(queue, now);
  row(queue, now);
}

void TwinDram::feed(Queue& queue, Clock now) {
  while (!queue.fifo.empty()) {
    Access& head = queue.fifo.front();
    if (head.seen > now) return;
    DramChannelStats& s = stats[head.bank().channel];
    const std::uint64_t bursts = head.bursts.size();
    auto& waiting = head.write ? queue.writes : queue.reads;
    const auto placed = static_cast<std::uint64_t>(std::ranges::count(waiting, false, &Access::latched));
    if ((placed + 1) * bursts > (head.write ? config_.write_queue : config_.read_queue)) {
      if (!head.counted_full) s.queue_full += bursts;
      head.counted_full = true;
      return;
    }
    waiting.push_back(head);
    queue.fifo.pop_front();
    const Access& access = waiting.back();
    const Channel& channel = channels_[access.bank().channel];
    auto& bytes = access.write ? s.traffic.written : s.traffic.read;
    bytes[static_cast<std::size_t>(access.tensor)] += bursts * part_.burst_bytes;
    if (!access.write) continue;
    const Cycle at = cycle_of(now) + 1;
    const bool refreshed =
        now > access.seen && !channel.refreshes.empty() && access.seen < channel.refreshes.back() + part_.timing.rfc;
    contribute(access, {0, at, at, at, refreshed ? Cause::refresh : Cause::dram_queue});
  }
}

void TwinDram::turn(Queue& queue, std::uint64_t first_channel) {
  const std::size_t reads = queue.reads.size() * bursts_of_access();
  const std::size_t writes = queue.writes.size() * bursts_of_access();
  if (!queue.writing && (writes >= config_.write_high || (reads == 0 && writes > 0))) {
    queue.writing = true;
    for (std::uint32_t u = 0; u < config_.channels_per_queue; ++u) ++stats[first_channel + u].write_drains;
  } else if (queue.writing && writes <= config_.write_low && reads > 0) {
    queue.writing = false;
  }
}

bool TwinDram::refresh_legal(const Channel& channel, Clock now) const {
  const DramTiming& t = part_.timing;
  for (const Command& c : channel.history) {
    if (c.kind == Kind::act && now < c.clock + t.rc) return false;
    if (c.kind == Kind::pre && now < c.clock + t.rp) return false;
  }
  return channel.refreshes.empty() || now >= channel.refreshes.back() + t.rfc;
}

void TwinDram::refresh(Queue& queue, std::uint64_t first_channel, Clock now) {
  for (std::uint32_t u = 0; u < config_.channels_per_queue; ++u)
    if (now >= channels_[first_channel + u].refresh_due) channels_[first_channel + u].refresh_pending = true;
  if (queue.taken.contains({false, now})) return;
  for (std::uint64_t c = first_channel; c < first_channel + config_.channels_per_queue; ++c) {
    Channel& channel = channels_[c];
    if (!channel.refresh_pending) continue;
    if (!channel.open.empty()) {
      const auto closing = [&](const auto& open) {
        return Command{Kind::pre, {c, open.first.first, open.first.second, 0}, now};
      };
      if (!std::ranges::all_of(channel.open, [&](const auto& open) { return legal(closing(open)); })) continue;
      const auto open = channel.open;
      for (const auto& bank : open) issue(closing(bank));
      ++stats[c].precharges;
      queue.taken.insert({false, now});
      return;
    }
    if (!refresh_legal(channel, now)) continue;
    channel.refreshes.push_back(now);
    channel.refresh_pending = false;
    channel.refresh_due += part_.timing.refi;
    ++stats[c].refreshes;
    queue.taken.insert({false, now});
    return;
  }
}

/// The commands that `kind` stands for, with their edges.
std::vector<TwinDram::Command> TwinDram::commands(Kind kind, const Access& access, Clock now) const {
  const DramTiming& t = part_.timing;
  const bool column = kind == Kind::rd || kind == Kind::wr;
  Clock step = t.rrd_s;
  if (column) step = std::max(t.burst, side_by_side() ? std::max(t.ccd_s, t.ccd_l) : t.ccd_s);
  std::vector<Command> all;
  for (const Place& place : access.bursts) {
    if (!column && side_by_side() && !all.empty()) continue;
    all.push_back({kind, place, now + all.size() * step});
  }
  return all;
}

std::pair<bool, TwinDram::Clock> TwinDram::slot(Kind kind, Clock clock) const {
  return {part_.command_buses == 2 && (kind == Kind::rd || kind == Kind::wr), clock};
}

/// The least number of clocks from `before` to a command of `kind` at `place`, 0 if unrelated.
TwinDram::Clock TwinDram::gap(const Command& before, Kind kind, const Place& place) const {
  const DramTiming& t = part_.timing;
  const bool same_group = before.place.group == place.group;
  const bool same_bank = same_group && before.place.bank == place.bank;
  Clock least = 0;
  const auto need = [&least](bool applies, Clock clocks) { least = std::max(least, applies ? clocks : 0); };
  const bool read = kind == Kind::rd;
  const bool write = kind == Kind::wr;
  switch (before.kind) {
    case Kind::act:
      need(kind == Kind::act, t.rrd_s);
      need(kind == Kind::act && same_group, t.rrd_l);
      need(kind == Kind::act && same_bank, t.rc);
      need(kind == Kind::pre && same_bank, t.ras);
      need(read && same_bank, t.rcd_rd);
      need(write && same_bank, t.rcd_wr);
      break;
    case Kind::pre:
      need(kind == Kind::act && same_bank, t.rp);
      break;
    case Kind::rd:
      need(read, std::max(t.ccd_s, t.burst));
      need(read && same_group, t.ccd_l);
      need(write, t.cl + t.burst + 2 - t.cwl);
      need(kind == Kind::pre && same_bank, t.rtp);
      break;
    case Kind::wr:
      need(write, std::max(t.ccd_s, t.burst));
      need(write && same_group, t.ccd_l);
      need(read, t.cwl + t.burst + t.wtr_s);
      need(read && same_group, t.cwl + t.burst + t.wtr_l);
      need(kind == Kind::pre && same_bank, t.cwl + t.burst + t.wr);
      break;
  }
  return least;
}

bool TwinDram::legal(const Command& command) const {
  const Channel& channel = channels_[command.place.channel];
  std::uint32_t recent_activates = 0;
  for (const Command& before : channel.history) {
    const Clock clocks = gap(before, command.kind, command.place);
    if (clocks > 0 && command.clock < before.clock + clocks) return false;
    if (before.kind == Kind::act && command.clock < before.clock + part_.timing.faw) ++recent_activates;
  }
  if (command.kind != Kind::act) return true;
  if (recent_activates >= 4) return false;
  return channel.refreshes.empty() || command.clock >= channel.refreshes.back() + part_.timing.rfc;
}

bool TwinDram::legal(const Queue& queue, Kind kind, const Access& access, Clock now) const {
  const std::vector<Command> all = commands(kind, access, now);
  return std::ranges::all_of(all,
                             [&](const Command& c) { return legal(c) && !queue.taken.contains(slot(kind, c.clock)); });
}

void TwinDram::issue(const Command& command) {
  const Place& place = command.place;
  Channel& channel = channels_[place.channel];
  const std::pair bank{place.group, place.bank};
  channel.history.push_back(command);
  if (channel.history.size() > 400) channel.history.erase(channel.history.begin(), channel.history.begin() + 200);
  if (command.kind == Kind::pre) channel.open.erase(bank);
  if (command.kind == Kind::act) channel.open[bank] = place.row, channel.served[bank] = 0;
  if (command.kind == Kind::rd || command.kind == Kind::wr) {
    ++channel.served[bank];
    const Clock begin = command.clock + (command.kind == Kind::rd ? part_.timing.cl : part_.timing.cwl);
    channel.transfers.push_back({begin, begin + part_.timing.burst});
  }
}

void TwinDram::issue(Queue& queue, Kind kind, const Access& access, Clock now) {
  DramChannelStats& s = stats[access.bank().channel];
  for (const Command& command : commands(kind, access, now)) {
    issue(command);
    queue.taken.insert(slot(kind, command.clock));
    if (kind == Kind::act) ++s.activates;
    if (kind == Kind::pre) ++s.precharges;
    if (kind == Kind::rd) ++s.reads;
    if (kind == Kind::wr) ++s.writes;
  }
}

/// Index of the oldest access for the open row of the bank if it is eligible, else kNone.
std::size_t TwinDram::oldest_hit(const std::deque<Access>& waiting, const Place& place) const {
  const Channel& channel = channels_[place.channel];
  const std::pair bank{place.group, place.bank};
  const auto open = channel.open.find(bank);
  if (open == channel.open.end()) return kNone;
  bool older_conflict = false;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const Place& p = waiting[i].bank();
    if (p.channel != place.channel || p.group != place.group || p.bank != place.bank) continue;
    if (p.row != open->second) {
      older_conflict = true;
    } else {
      const bool capped = older_conflict && channel.served.at(bank) >= config_.row_hit_cap;
      return capped ? kNone : i;
    }
  }
  return kNone;
}

void TwinDram::start(Access& access, Clock now) {
  const auto& refreshes = channels_[access.bank().channel].refreshes;
  access.started = true;
  access.start = now;
  access.refreshed = !refreshes.empty() && access.seen < refreshes.back() + part_.timing.rfc;
}

void TwinDram::column(Queue& queue, Clock now) {
  auto& waiting = queue.writing ? queue.writes : queue.reads;
  const Kind kind = queue.writing ? Kind::wr : Kind::rd;
  std::size_t chosen = kNone;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const Place& p = waiting[i].bank();
    if (channels_[p.channel].refresh_pending || oldest_hit(waiting, p) != i) continue;
    if (!legal(queue, kind, waiting[i], now)) continue;
    if (chosen == kNone || youngest_first_) chosen = i;
  }
  if (chosen == kNone) return;
  Access access = waiting[chosen];
  waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(chosen));
  DramChannelStats& s = stats[access.bank().channel];
  if (!access.started) {
    s.row_hits += access.bursts.size();
    start(access, now);
  }
  issue(queue, kind, access, now);
  s.bytes += access.bursts.size() * part_.burst_bytes;
  const Cycle end = cycle_of(channels_[access.bank().channel].transfers.back().end);
  if (access.write)
    last_write_done = std::max(last_write_done, end);
  else
    contribute(access, {0, cycle_of(access.start), end, end, access.refreshed ? Cause::refresh : Cause::dram_queue});
}

void TwinDram::row(Queue& queue, Clock now) {
  auto& waiting = queue.writing ? queue.writes : queue.reads;
  std::vector<Place> passed;
  for (Access& access : waiting) {
    const Place& p = access.bank();
    const auto same = [&p](const Place& o) { return o.channel == p.channel && o.group == p.group && o.bank == p.bank; };
    if (std::ranges::any_of(passed, same)) continue;
    passed.push_back(p);
    if (channels_[p.channel].refresh_pending || oldest_hit(waiting, p) != kNone) continue;
    const Kind kind = channels_[p.channel].open.contains({p.group, p.bank}) ? Kind::pre : Kind::act;
    if (!legal(queue, kind, access, now)) continue;
    DramChannelStats& s = stats[p.channel];
    if (!access.started) {
      (kind == Kind::act ? s.row_misses : s.row_conflicts) += access.bursts.size();
      start(access, now);
    }
    if (kind == Kind::act) access.latched = true;
    issue(queue, kind, access, now);
    return;
  }
}

void TwinDram::contribute(const Access& access, const DramAnswer& answer) {
  DramAnswer& last = answers[access.request];
  const bool first = last.at == kNever;
  const Cycle granted = last.granted;
  if (first || answer.at > last.at || (answer.at == last.at && access.x < last_x_[access.request])) {
    last = answer;
    last.granted = granted;
    last_x_[access.request] = access.x;
  }
  --left_[access.request];
}

void TwinDram::account(std::uint64_t c, Clock now) {
  const Channel& channel = channels_[c];
  DramChannelStats& s = stats[c];
  ++s.clocks;
  bool busy = false;
  bool to_come = false;
  for (const Transfer& t : channel.transfers) {
    busy = busy || (t.begin <= now && now < t.end);
    to_come = to_come || t.begin > now;
  }
  bool queued = false;
  const Queue& queue = queues_[c / config_.channels_per_queue];
  for (const auto* waiting : {&queue.reads, &queue.writes})
    for (const Access& access : *waiting) queued = queued || access.bank().channel == c;
  const bool refreshing =
      channel.refresh_pending || (!channel.refreshes.empty() && now < channel.refreshes.back() + part_.timing.rfc);
  if (busy)
    ++s.busy_clocks;
  else if (to_come || (queued && !refreshing))
    ++s.timing_clocks;
  else if (queued)
    ++s.refresh_clocks;
  else
    ++s.idle_clocks;
}

}  // namespace heddle::twin
