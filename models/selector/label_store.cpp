#include "models/selector/label_store.h"

#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "sim/base/errors.h"
#include "sim/base/json.h"
#include "sim/base/random.h"
#include "sim/report/model_version.h"

namespace heddle::selector {
namespace {

/// The visitor that fills a struct from the values of its columns, in their order.
class RowReader {
 public:
  RowReader(std::span<const Value> values, const std::string& store) : values_(values), store_(store) {}

  template <class T>
  void field(std::string_view name, T& value, std::string_view, std::string_view, Range = any_value) {
    const Value& cell = values_[next_++];
    if constexpr (std::same_as<T, double>) {
      if (const auto* real = std::get_if<double>(&cell))
        value = *real;
      else
        value = static_cast<double>(whole(cell, name));
    } else if constexpr (std::same_as<T, std::string>) {
      const auto* text = std::get_if<std::string>(&cell);
      if (text == nullptr) fail(name);
      value = *text;
    } else {
      value = static_cast<T>(whole(cell, name));
    }
  }
  template <class T>
  void section(std::string_view, T& nested, std::string_view) {
    describe(*this, nested);
  }

 private:
  std::int64_t whole(const Value& cell, std::string_view name) const {
    const auto* number = std::get_if<std::int64_t>(&cell);
    if (number == nullptr) fail(name);
    return *number;
  }
  [[noreturn]] void fail(std::string_view name) const {
    throw InputError(store_ + ": a label without " + std::string(name) +
                     "; expected labels of this version (heddle selector label makes them)");
  }

  std::span<const Value> values_;
  const std::string& store_;
  std::size_t next_ = 0;
};

class Labelling {
 public:
  Labelling(const Plan& plan, const std::vector<PairRecipe>& pairs, Store& store,
            const std::function<void(const LabelProgress&)>& on_progress)
      : plan_(plan), pairs_(pairs), store_(store), on_progress_(on_progress) {}

  LabelProgress run(const LabelOptions& options) {
    std::vector<PlannedPoint> planned;
    for (const PairRecipe& pair : pairs_) planned.push_back({label_key(plan_, pair, kModelVersion), pair.id});
    store_.put_plan(plan_.name, planned);
    for (std::size_t i = options.shard; i < pairs_.size(); i += options.shards) {
      ++progress_.wanted;
      const std::string key = label_key(plan_, pairs_[i], kModelVersion);
      const bool simulated = store_.status(key) == PointStatus::ok;
      if (simulated && store_.status(measured_key(key)) == PointStatus::ok)
        ++progress_.present;
      else if (simulated || !options.measure_only)
        missing_.push_back(i);
    }
    Random(plan_.seed)
        .shuffle(std::span(missing_));  // so that what is there of an unfinished labelling is a fair sample
    std::vector<std::thread> threads;
    for (std::uint32_t job = 1; job < options.jobs; ++job) threads.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
    return progress_;
  }

 private:
  void work() {
    try {
      for (std::size_t n = next_++; n < missing_.size() && !stop_; n = next_++) label_one(pairs_[missing_[n]]);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stop_ = true;
    }
  }

  /// A pair the simulator refuses is a row of its own; a fault of ours ends the labelling.
  void label_one(const PairRecipe& pair) {
    PointHeader header;
    header.key = label_key(plan_, pair, kModelVersion);
    header.kind = kLabelKind;
    header.config_hash = config_hash(pair.config);
    header.model_version = kModelVersion;
    try {
      const Operands operands = make_operands(pair);
      if (store_.status(header.key) != PointStatus::ok) store_.put(header, make_label(plan_, pair, operands));
      PointHeader measured = header;
      measured.key = measured_key(header.key);
      measured.kind = kMeasuredKind;
      MeasuredLabel row = measure_label(plan_, pair, operands);
      row.label = header.key;
      store_.put(measured, row);
    } catch (const InputError& error) {
      header.status = PointStatus::failed;
      header.error = error.what();
      Label label;
      label.plan = plan_.name;
      label.id = pair.id;
      store_.put(header, label);
    }
    const std::lock_guard lock(mutex_);
    ++(header.status == PointStatus::ok ? progress_.done : progress_.failed);
    if (on_progress_) on_progress_(progress_);
  }

  const Plan& plan_;
  const std::vector<PairRecipe>& pairs_;
  Store& store_;
  const std::function<void(const LabelProgress&)>& on_progress_;
  std::vector<std::size_t> missing_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
  LabelProgress progress_;
};

}  // namespace

LabelProgress label_all(const Plan& plan, const std::vector<PairRecipe>& pairs, Store& store,
                        const LabelOptions& options, const std::function<void(const LabelProgress&)>& on_progress) {
  return Labelling(plan, pairs, store, on_progress).run(options);
}

namespace {

/// All rows of one kind, by key. T's columns come after the key.
template <class T>
std::map<std::string, T> read_rows(Store& store, const char* kind) {
  Store::Query query;
  query.columns = {"key"};
  for (const Column& column : columns_of<T>()) query.columns.push_back(column.name);
  query.where = "kind = '" + std::string(kind) + "' AND status = 'ok'";
  std::map<std::string, T> rows;
  store.scan(query, [&](std::span<const Value> row) {
    T value;
    RowReader reader(row.subspan(1), store.path());
    describe(reader, value);
    rows.emplace(std::get<std::string>(row[0]), std::move(value));
  });
  return rows;
}

}  // namespace

Table read_table(Store& store, const std::string& plan) {
  const auto labels = read_rows<Label>(store, kLabelKind);
  const auto measured = read_rows<MeasuredLabel>(store, kMeasuredKind);
  Table table;
  for (const std::string& name : store.sweeps()) {
    if (!plan.empty() && name != plan) continue;
    for (const PlannedPoint& point : store.plan(name)) {
      const auto label = labels.find(point.key);
      const auto known = measured.find(measured_key(point.key));
      if (label != labels.end() && known != measured.end()) table.push_back(make_example(label->second, known->second));
    }
  }
  return table;
}

}  // namespace heddle::selector
