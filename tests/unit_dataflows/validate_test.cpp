// Each rule without which a machine is meaningless or could deadlock, just broken and just kept.
#include <gtest/gtest.h>

#include <functional>

#include "tests/small_cases.h"

namespace heddle {
namespace {

struct Rule {
  const char* keys;  // named by the message
  void (*validate)(const Config&);
  std::function<void(Config&)> keep, break_it;
};

void expect_rule(const Rule& rule) {
  Config kept;
  rule.keep(kept);
  EXPECT_EQ(testing::message_of<InputError>([&] { rule.validate(kept); }), "accepted") << rule.keys;
  Config broken;
  rule.break_it(broken);
  const std::string message = testing::message_of<InputError>([&] { rule.validate(broken); });
  EXPECT_NE(message.find(rule.keys), std::string::npos) << message;
  EXPECT_NE(message.find("expected"), std::string::npos) << message;
}

TEST(Validate, DefaultsPass) {
  EXPECT_NO_THROW(validate({}));
  EXPECT_NO_THROW(validate_inner_product({}));
  EXPECT_NO_THROW(validate_outer_product({}));
  EXPECT_NO_THROW(validate_row_wise({}));
}

TEST(Validate, ProcessingElements) {
  expect_rule({"machine.pe.operand_lines", validate, [](Config& c) { c.machine.pe.operand_lines = 128; },
               [](Config& c) { c.machine.pe.operand_lines = 127; }});
  expect_rule({"machine.pe.write_lines", validate,
               [](Config& c) { c.machine.pe.burst_lines = 3, c.machine.pe.write_lines = 6; },
               [](Config& c) { c.machine.pe.burst_lines = 3, c.machine.pe.write_lines = 5; }});
  expect_rule({"machine.pe.burst_lines", validate, [](Config& c) { c.machine.pe.burst_lines = 1; },
               [](Config& c) { c.machine.pe.burst_lines = 0; }});
  expect_rule({"machine.pe.line_buffers", validate, [](Config& c) { c.machine.pe.line_buffers = 1; },
               [](Config& c) { c.machine.pe.line_buffers = 0; }});
  expect_rule({"machine.pe.count", validate, [](Config& c) { c.machine.pe.count = 1; },
               [](Config& c) { c.machine.pe.count = 0; }});
  expect_rule({"machine.pe.multipliers", validate, [](Config& c) { c.machine.pe.multipliers = 1; },
               [](Config& c) { c.machine.pe.multipliers = 0; }});
}

TEST(Validate, RadixOfOneIsNoMerger) {
  Config config;
  config.machine.pe.radix = 1;
  EXPECT_NE(testing::message_of<InputError>([&] { validate(config); }).find("machine.pe.radix"), std::string::npos);
}

TEST(Validate, SramCapacityIsWholeSets) {
  expect_rule({"machine.sram.capacity", validate, [](Config& c) { c.machine.sram.capacity.count = 32 * 16 * 64; },
               [](Config& c) { c.machine.sram.capacity.count = 32 * 16 * 64 - 64; }});
  expect_rule({"machine.sram.capacity", validate, [](Config& c) { c.machine.sram.capacity.count = 3 * 32 * 16 * 64; },
               [](Config& c) { c.machine.sram.capacity.count = 3 * 32 * 16 * 64 + 64; }});
}

TEST(Validate, EveryBankHasAnMshrAndEverySetAVictim) {
  expect_rule({"machine.sram.mshrs", validate, [](Config& c) { c.machine.sram.mshrs = 32; },
               [](Config& c) { c.machine.sram.mshrs = 31; }});
  expect_rule({"machine.sram.mshrs", validate, [](Config& c) { c.machine.sram.mshrs = 64; },
               [](Config& c) { c.machine.sram.mshrs = 63; }});
  expect_rule({"machine.sram.ways", validate, [](Config& c) { c.machine.sram.mshrs = 32 * 15; },
               [](Config& c) { c.machine.sram.mshrs = 32 * 16; }});
}

TEST(Validate, BuffersOfTheMachine) {
  expect_rule({"machine.stream_lines", validate, [](Config& c) { c.machine.stream_lines = 2; },
               [](Config& c) { c.machine.stream_lines = 1; }});
  expect_rule({"machine.combining_lines", validate, [](Config& c) { c.machine.combining_lines = 1; },
               [](Config& c) { c.machine.combining_lines = 0; }});
  expect_rule({"layout.coordinate_bytes", validate,
               [](Config& c) { c.layout.coordinate_bytes = 16, c.layout.value_bytes = 48; },
               [](Config& c) { c.layout.coordinate_bytes = 16, c.layout.value_bytes = 49; }});
}

/// 64 elements of 12 B, the first at the end of a line: 13 lines.
TEST(Validate, RowWiseStreamHoldsATask) {
  expect_rule({"machine.stream_lines", validate_row_wise, [](Config& c) { c.machine.stream_lines = 13; },
               [](Config& c) { c.machine.stream_lines = 12; }});
}

TEST(Validate, NextUseNeedsTasksThatSayWhatTheyRead) {
  const auto cached_queues = [](Config& c, Replacement replacement) {
    c.row_wise.merge = RowMerge::hash;
    c.row_wise.b_cached = true;
    c.machine.sram.replacement = replacement;
  };
  expect_rule({"machine.sram.replacement", validate_row_wise, [&](Config& c) { cached_queues(c, Replacement::lru); },
               [&](Config& c) { cached_queues(c, Replacement::next_use); }});
}

TEST(Validate, RowsOfCLieApartOnlyWhereTheyAreWrittenRowByRow) {
  const auto apart = [](auto change) {
    return [change](Config& c) { change(c), c.layout.c_layout = CLayout::upper_bound; };
  };
  const auto merge = [&](RowMerge m) { return apart([m](Config& c) { c.row_wise.merge = m; }); };
  expect_rule({"layout.c_layout", validate_row_wise, merge(RowMerge::windows), merge(RowMerge::queues)});
  expect_rule({"layout.c_layout", validate_outer_product, apart([](Config&) {}), apart([](Config& c) {
                 c.outer_product.control = OuterControl::merge_tree;
                 c.outer_product.convert = Convert::free;
                 c.machine.dram.kind = DramKind::flat;
               })});
  expect_rule({"layout.c_layout", validate_inner_product, apart([](Config&) {}), apart([](Config& c) {
                 c.inner_product.control = InnerControl::tiled;
                 c.inner_product.convert = Convert::free;
               })});
}

TEST(Validate, OuterProductBuffersHoldOneProduct) {
  expect_rule({"outer_product.chunk_requests", validate_outer_product,
               [](Config& c) { c.outer_product.chunk_requests = 1; },
               [](Config& c) { c.outer_product.chunk_requests = 0; }});
  expect_rule({"outer_product.row_buffer", validate_outer_product,
               [](Config& c) { c.outer_product.row_buffer.count = 2 * (64 + 12); },
               [](Config& c) { c.outer_product.row_buffer.count = 2 * (64 + 12) - 1; }});
  expect_rule({"outer_product.append_lines", validate_outer_product,  // 63 + 53 + 12 = 128
               [](Config& c) { c.outer_product.append_lines = 2, c.outer_product.header_bytes = 53; },
               [](Config& c) { c.outer_product.append_lines = 2, c.outer_product.header_bytes = 54; }});
}

TEST(Validate, InnerProductTilesFitTheSram) {
  expect_rule({"inner_product.stream_tile", validate_inner_product,
               [](Config& c) { c.inner_product.partial_capacity.count = (2 << 20) - (128 << 10); },
               [](Config& c) { c.inner_product.partial_capacity.count = (2 << 20) - (128 << 10) + 1; }});
  expect_rule({"inner_product.stream_tile", validate_inner_product,
               [](Config& c) { c.inner_product.stream_tile.count = 64; },
               [](Config& c) { c.inner_product.stream_tile.count = 63; }});
  expect_rule({"inner_product.scan_width", validate_inner_product, [](Config& c) { c.inner_product.scan_width = 1; },
               [](Config& c) { c.inner_product.scan_width = 0; }});
}

TEST(Validate, RulesOfTheMachineArePartOfEveryDataflows) {
  Config config;
  config.machine.pe.operand_lines = 4;
  EXPECT_THROW(validate_inner_product(config), InputError);
  EXPECT_THROW(validate_outer_product(config), InputError);
  EXPECT_THROW(validate_row_wise(config), InputError);
}

}  // namespace
}  // namespace heddle
