// The whole configuration of a run: the machine all dataflows share, and each dataflow's own options.
#pragma once

#include "dataflows/layout.h"
#include "sim/machine.h"
#include "sim/memory/decoder_config.h"
#include "sim/report/area.h"
#include "sim/report/energy.h"

namespace heddle {

enum class Convert : std::uint8_t { charged, free };
constexpr EnumName<Convert> kConvertNames[] = {
    {Convert::charged, "charged", "CSR to CSC conversion runs on the machine first, its traffic and cycles counted"},
    {Convert::free, "free", "the operand lies in memory in the needed orientation already"}};
constexpr std::span<const EnumName<Convert>> enum_names(Convert) {
  return kConvertNames;
}

enum class Scheduler : std::uint8_t { dynamic_tasks, static_tasks };
constexpr EnumName<Scheduler> kSchedulerNames[] = {
    {Scheduler::dynamic_tasks, "dynamic", "a task goes to the PE with the shortest queue, lowest number first"},
    {Scheduler::static_tasks, "static", "task t goes to PE t mod count"}};
constexpr std::span<const EnumName<Scheduler>> enum_names(Scheduler) {
  return kSchedulerNames;
}

enum class RowMerge : std::uint8_t { tree, queues, hash, windows };
constexpr EnumName<RowMerge> kRowMergeNames[] = {
    {RowMerge::tree, "tree", "a merger takes up to radix rows of B at once, through the cache"},
    {RowMerge::queues, "queues", "rows of B are merged one after the other into sorting queues"},
    {RowMerge::hash, "hash", "rows of B are added up one after the other in a hash table, and sorted as they leave"},
    {RowMerge::windows, "windows",
     "arrays of lanes turn windows of A, some rows by some nonzeros, into partial fibers that the PEs merge"}};
constexpr std::span<const EnumName<RowMerge>> enum_names(RowMerge) {
  return kRowMergeNames;
}

/// A PE has its own rows and takes one row of B after the other.
constexpr bool one_row_of_b_at_a_time(RowMerge merge) {
  return merge == RowMerge::queues || merge == RowMerge::hash;
}

enum class RowElements : std::uint8_t { striped, packed };
constexpr EnumName<RowElements> kRowElementsNames[] = {
    {RowElements::striped, "striped", "rows of a PE follow one another in every count-th line (C2SR)"},
    {RowElements::packed, "packed", "rows follow one another (CSR)"}};
constexpr std::span<const EnumName<RowElements>> enum_names(RowElements) {
  return kRowElementsNames;
}

enum class QueueOverflow : std::uint8_t { refuse, grow };
constexpr EnumName<QueueOverflow> kQueueOverflowNames[] = {
    {QueueOverflow::refuse, "refuse", "a row that needs a larger queue is an error"},
    {QueueOverflow::grow, "grow", "it is merged as if it fitted; the report says how many rows that were"}};
constexpr std::span<const EnumName<QueueOverflow>> enum_names(QueueOverflow) {
  return kQueueOverflowNames;
}

enum class WindowShape : std::uint8_t { fixed, profiled };
constexpr EnumName<WindowShape> kWindowShapeNames[] = {
    {WindowShape::fixed, "fixed", "window_rows rows"},
    {WindowShape::profiled, "profiled", "as many rows as did best in a sample of the rows that look alike"}};
constexpr std::span<const EnumName<WindowShape>> enum_names(WindowShape) {
  return kWindowShapeNames;
}

struct RowWiseConfig {
  Scheduler scheduler = Scheduler::dynamic_tasks;
  RowMerge merge = RowMerge::tree;
  RowElements elements = RowElements::striped;
  std::uint32_t queues = 10;
  std::uint32_t queue_sets = 2;
  Bytes queue_capacity{4 << 10};
  bool b_cached = false;
  QueueOverflow queue_overflow = QueueOverflow::refuse;
  std::uint32_t arrays = 2;
  std::uint32_t lanes = 8;
  WindowShape window_shape = WindowShape::fixed;
  std::uint32_t window_rows = 1;
  std::uint32_t lane_lines = 16;
  std::uint32_t stream_depth = 4;
  std::uint32_t product_depth = 8;
};
template <class V>
void describe(V& v, RowWiseConfig& c) {
  v.field("scheduler", c.scheduler, "name", "which PE runs a task; merge queues and hash deal row r to PE r mod count");
  option(v, "merge", c.merge, RowMerge::tree, "name", "how rows of B become a row of C");
  option(v, "elements", c.elements, RowElements::striped, "name",
         "merge queues and hash: how A, B and C lie in memory");
  option(v, "queues", c.queues, 10, "count", "merge queues: sorting queues of a set, one of them being filled",
         in_range(2, 256));
  option(v, "queue_sets", c.queue_sets, 2, "count",
         "merge queues: sets; one is filled while others are drained; merge hash: tables", in_range(1, 16));
  option(v, "queue_capacity", c.queue_capacity, Bytes{4 << 10}, "bytes", "merge queues: one queue; hash: one table",
         at_least(16));
  option(v, "queue_overflow", c.queue_overflow, QueueOverflow::refuse, "name",
         "merge queues and hash: rows too long for them");
  option(v, "b_cached", c.b_cached, false, "bool", "merge queues and hash: rows of B come through the SRAM, a cache");
  option(v, "arrays", c.arrays, 2, "count", "merge windows: arrays of lanes", in_range(1, 256));
  option(v, "lanes", c.lanes, 8, "count", "merge windows: lanes of an array, a power of two; a multiplier each",
         in_range(1, 64));
  option(v, "window_shape", c.window_shape, WindowShape::fixed, "name", "merge windows: what decides their rows");
  option(v, "window_rows", c.window_rows, 1, "rows",
         "merge windows: rows of a fixed window, a power of two up to lanes; it is lanes / rows nonzeros wide",
         in_range(1, 64));
  option(v, "lane_lines", c.lane_lines, 16, "lines", "merge windows: operand buffers of a lane", in_range(4, 4096));
  option(v, "stream_depth", c.stream_depth, 4, "elements", "merge windows: elements of B a lane holds",
         in_range(1, 256));
  option(v, "product_depth", c.product_depth, 8, "products", "merge windows: products held for each lane",
         in_range(3, 256));
}

enum class Phases : std::uint8_t { separate, pipelined };
constexpr EnumName<Phases> kPhasesNames[] = {
    {Phases::separate, "separate", "rows are merged when all products have been formed"},
    {Phases::pipelined, "pipelined", "rows are merged, in order, as soon as their partial fibers are there"}};
constexpr std::span<const EnumName<Phases>> enum_names(Phases) {
  return kPhasesNames;
}

enum class OuterControl : std::uint8_t { log, merge_tree };
constexpr EnumName<OuterControl> kOuterControlNames[] = {
    {OuterControl::log, "log", "all products are written to a log of partial fibers, which rows then merge"},
    {OuterControl::merge_tree, "merge_tree",
     "partial matrices are merged as they are formed, pe.radix at a time, in rounds"}};
constexpr std::span<const EnumName<OuterControl>> enum_names(OuterControl) {
  return kOuterControlNames;
}

enum class OuterColumns : std::uint8_t { condensed, given };
constexpr EnumName<OuterColumns> kOuterColumnsNames[] = {
    {OuterColumns::condensed, "condensed",
     "a partial matrix for the first nonzeros of all rows of A, the second ones, ..."},
    {OuterColumns::given, "given", "a partial matrix for each column of A"}};
constexpr std::span<const EnumName<OuterColumns>> enum_names(OuterColumns) {
  return kOuterColumnsNames;
}

enum class MergeOrder : std::uint8_t { huffman, sequential };
constexpr EnumName<MergeOrder> kMergeOrderNames[] = {
    {MergeOrder::huffman, "huffman", "the lightest partial matrices first"},
    {MergeOrder::sequential, "sequential", "partial matrices in order, results after them"}};
constexpr std::span<const EnumName<MergeOrder>> enum_names(MergeOrder) {
  return kMergeOrderNames;
}

enum class RowPrefetch : std::uint8_t { next_use, none };
constexpr EnumName<RowPrefetch> kRowPrefetchNames[] = {
    {RowPrefetch::next_use, "next_use", "the SRAM holds rows of B and gives up the one used again last"},
    {RowPrefetch::none, "none", "every use of a row of B reads it"}};
constexpr std::span<const EnumName<RowPrefetch>> enum_names(RowPrefetch) {
  return kRowPrefetchNames;
}

struct OuterProductConfig {
  Convert convert = Convert::charged;
  Scheduler scheduler = Scheduler::dynamic_tasks;
  std::uint32_t header_bytes = 16;
  Bytes row_buffer{32 << 10};
  std::uint32_t append_lines = 256;
  std::uint32_t chunk_latency = 0;
  std::uint32_t chunk_requests = 1024;
  Phases phases = Phases::separate;
  OuterControl control = OuterControl::log;
  OuterColumns columns = OuterColumns::condensed;
  MergeOrder merge_order = MergeOrder::huffman;
  RowPrefetch prefetch = RowPrefetch::next_use;
};
template <class V>
void describe(V& v, OuterProductConfig& c) {
  v.field("convert", c.convert, "name", "A from CSR to CSC");
  v.field("scheduler", c.scheduler, "name", "which PE merges a row");
  v.field("header_bytes", c.header_bytes, "bytes", "header of a partial fiber: row, length, link", in_range(0, 64));
  v.field("row_buffer", c.row_buffer, "bytes",
          "buffer of the rows of B being multiplied; half of it holds the longest segment; control merge_tree: inputs "
          "of a step",
          at_least(256));
  v.field("append_lines", c.append_lines, "lines",
          "buffer between the multipliers and the banks of the partial-sum buffer", in_range(2, 1 << 20));
  option(v, "chunk_latency", c.chunk_latency, 0, "cycles",
         "control log: a partial fiber is a chunk of a linked list, which takes so long to allocate; 0: its place is "
         "known",
         in_range(0, 10000));
  option(v, "chunk_requests", c.chunk_requests, 1024, "count", "control log: chunks being allocated at once",
         in_range(1, 1 << 20));
  option(v, "phases", c.phases, Phases::separate, "name", "control log: when rows are merged");
  option(v, "control", c.control, OuterControl::log, "name", "what becomes of the products");
  option(v, "columns", c.columns, OuterColumns::condensed, "name", "control merge_tree: what a partial matrix is");
  option(v, "merge_order", c.merge_order, MergeOrder::huffman, "name", "control merge_tree: what a round merges");
  option(v, "prefetch", c.prefetch, RowPrefetch::next_use, "name", "control merge_tree: what the SRAM does");
}

enum class InnerControl : std::uint8_t { scan, tiled, bitmap };
constexpr EnumName<InnerControl> kInnerControlNames[] = {
    {InnerControl::scan, "scan",
     "nonzeros of A stand still in the multipliers, columns of B stream past and are scanned"},
    {InnerControl::tiled, "tiled",
     "tiles of micro tiles; at each level only what meets is looked at, a PE intersects fibers of two micro tiles"},
    {InnerControl::bitmap, "bitmap",
     "operands are bitmaps and values; folds are packed from slices of the inner rank, a column meets one per cycle"}};
constexpr std::span<const EnumName<InnerControl>> enum_names(InnerControl) {
  return kInnerControlNames;
}

enum class Intersect : std::uint8_t { skip, groups };
constexpr EnumName<Intersect> kIntersectNames[] = {
    {Intersect::skip, "skip", "two fibers, a coordinate per cycle, skipping ahead"},
    {Intersect::groups, "groups",
     "fiber_group rows with fiber_group columns at once, as many matches per cycle as a PE has multipliers"}};
constexpr std::span<const EnumName<Intersect>> enum_names(Intersect) {
  return kIntersectNames;
}

struct InnerProductConfig {
  InnerControl control = InnerControl::scan;
  Convert convert = Convert::charged;
  std::uint32_t scan_width = 128;
  std::uint32_t distribution_width = 64;
  Bytes stream_tile{64 << 10};
  Bytes partial_capacity{128 << 10};
  std::uint64_t exact_lines = 100'000'000;
  std::uint32_t micro_tile = 128;
  std::uint32_t tile_m = 32;
  std::uint32_t tile_k = 64;
  std::uint32_t tile_n = 128;
  std::uint32_t slice_k = 128;
  Intersect intersect = Intersect::skip;
  std::uint32_t fiber_group = 4;
};
template <class V>
void describe(V& v, InnerProductConfig& c) {
  v.field("control", c.control, "name", "how operands meet");
  v.field("convert", c.convert, "name", "B from CSR to CSC");
  v.field("scan_width", c.scan_width, "elements", "coordinates of a column compared with the fold per cycle",
          in_range(1, 65536));
  v.field("distribution_width", c.distribution_width, "elements", "matched operands delivered to multipliers per cycle",
          in_range(1, 65536));
  v.field("stream_tile", c.stream_tile, "bytes", "one of the two tiles through which the unpinned part of B streams",
          at_least(64));
  v.field("partial_capacity", c.partial_capacity, "bytes", "on-chip partial sums of a row split over folds",
          at_least(0));
  v.field("exact_lines", c.exact_lines, "lines",
          "banked DRAM lines up to which a run is exact; beyond, folds are sampled", at_least(1));
  v.field("micro_tile", c.micro_tile, "coordinates", "control tiled: side of a micro tile, what a PE works on",
          in_range(1, 65536));
  v.field("tile_m", c.tile_m, "micro tiles", "control tiled: rows of a tile of A and C", in_range(1, 1 << 20));
  v.field("tile_k", c.tile_k, "micro tiles", "control tiled: inner rank of a tile of A and B", in_range(1, 1 << 20));
  v.field("tile_n", c.tile_n, "micro tiles", "control tiled: columns of a tile of B and C", in_range(1, 1 << 20));
  option(v, "slice_k", c.slice_k, 128, "coordinates", "control bitmap: inner rank of a fold of A and of a slice of B",
         in_range(1, 1 << 20));
  option(v, "intersect", c.intersect, Intersect::skip, "name", "control tiled: what a PE does with two micro tiles");
  option(v, "fiber_group", c.fiber_group, 4, "fibers", "control tiled, intersect groups: of A, and of B, at once",
         in_range(1, 65536));
}

enum class OperandFormat : std::uint8_t { csr, tile_bitmap };
constexpr EnumName<OperandFormat> kOperandFormatNames[] = {
    {OperandFormat::csr, "csr", "coordinates and values, as layout says"},
    {OperandFormat::tile_bitmap, "tile_bitmap",
     "per 64 columns of a row a bitmap word, an offset and values padded to eight; decoded on the way from DRAM"}};
constexpr std::span<const EnumName<OperandFormat>> enum_names(OperandFormat) {
  return kOperandFormatNames;
}

/// What if an operand came compressed? (row_wise only: the others convert or re-read their operands as lines of CSR)
struct FormatsConfig {
  OperandFormat a = OperandFormat::csr;
  OperandFormat b = OperandFormat::csr;
  DecoderConfig decoder;
  bool any() const { return a != OperandFormat::csr || b != OperandFormat::csr; }
};
template <class V>
void describe(V& v, FormatsConfig& c) {
  v.field("a", c.a, "name", "how A lies in DRAM; row_wise only");
  v.field("b", c.b, "name", "how B lies in DRAM; row_wise only");
  v.section("decoder", c.decoder, "between DRAM and what reads operands, when one of them is encoded");
}

struct Config {
  Machine machine;
  LayoutConfig layout;
  FormatsConfig formats;
  RowWiseConfig row_wise;
  OuterProductConfig outer_product;
  InnerProductConfig inner_product;
  EnergyConfig energy;
  AreaConfig area;
};
template <class V>
void describe(V& v, Config& c) {
  v.section("machine", c.machine, "the hardware all dataflows share");
  v.section("layout", c.layout, "sizes of what lies in memory");
  v.section("formats", c.formats, "compressed operands");
  v.section("row_wise", c.row_wise, "options of the row-wise dataflow");
  v.section("outer_product", c.outer_product, "options of the outer-product dataflow");
  v.section("inner_product", c.inner_product, "options of the inner-product dataflow");
  v.section("energy", c.energy, "energy per action");
  v.section("area", c.area, "area per component");
}

/// Rules without which a machine is meaningless or could deadlock. Throws InputError naming the keys. The first holds
/// for every dataflow and is part of the others, which are checked before a run of theirs.
void validate(const Config& config);
void validate_inner_product(const Config& config);
void validate_outer_product(const Config& config);
void validate_row_wise(const Config& config);

}  // namespace heddle
