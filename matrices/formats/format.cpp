#include "matrices/formats/format.h"

#include "matrices/formats/codec.h"

namespace heddle {
namespace {

using formats::Codec;

constexpr EnumName<Format> kFormatNames[] = {
    {Format::dense, "dense", "every element"},
    {Format::bitmap, "bitmap", "one bit per element and the nonzeros: Endor"},
    {Format::tile_bitmap, "tile_bitmap",
     "64-element tiles with bitmap, offset and padded nonzeros: Coruscant, Mustafar"},
    {Format::tca_bme, "tca_bme", "8 x 8 bitmaps in 64 x 64 groups: SpInfer"},
    {Format::tiled_csl, "tiled_csl", "128 x 64 tiles of (value, position) items: Flash-LLM"},
    {Format::csr, "csr", "compressed rows, 32-bit columns"},
    {Format::csr16, "csr16", "compressed rows, 16-bit columns"},
    {Format::coo, "coo", "32-bit row and column of each nonzero"},
    {Format::coo16, "coo16", "16-bit row and column of each nonzero"},
    {Format::bsr, "bsr", "dense blocks in compressed rows of blocks"},
    {Format::two_four, "two_four", "two of each four in a row, 2-bit indices: sparse tensor cores"},
    {Format::sparta, "sparta", "two_four and the rest in csr: SparTA"},
    {Format::tca_tbe, "tca_tbe", "bf16 with 3-bit exponent codes, lossless: ZipServ"}};

const Codec& codec_of(Format format) {
  for (const Codec* codec : {&formats::kDense, &formats::kBitmap, &formats::kTileBitmap, &formats::kTcaBme,
                             &formats::kTiledCsl, &formats::kCsr, &formats::kCsr16, &formats::kCoo, &formats::kCoo16,
                             &formats::kBsr, &formats::kTwoFour, &formats::kSparta, &formats::kTcaTbe})
    if (codec->format == format) return *codec;
  throw InternalError("a format without a codec");
}

void check_options(Format format, const FormatOptions& options) {
  if (format == Format::bsr && options.block == 0) throw InputError("block: expected at least 1");
  if (format != Format::bitmap) return;
  if (options.offset_every % 64 != 0) throw InputError("offset_every: expected a multiple of 64");
  if (options.offset_pad == 0 || (options.offset_pad > 1 && options.offset_every == 0))
    throw InputError("offset_pad: expected 1 without offset_every");
}

}  // namespace

std::span<const EnumName<Format>> enum_names(Format) {
  return kFormatNames;
}

const std::vector<std::uint8_t>& Encoded::section(std::string_view name) const {
  for (const Section& section : sections)
    if (section.name == name) return section.bytes;
  throw InternalError("no section " + std::string(name));
}

Encoded encode(const NarrowMatrix& matrix, Format format, const FormatOptions& options) {
  Encoded out{format, matrix.type, matrix.rows, matrix.cols, matrix.nnz(), matrix.scale, options, {}, {}};
  out.size = exact_size(matrix, format, options);
  if (out.size.total() > kMostEncodedBytes)
    throw InputError(std::string(enum_name(format)) + " would take " + std::to_string(out.size.total()) +
                     " bytes; expected at most " + std::to_string(kMostEncodedBytes));
  codec_of(format).encode(matrix, out);
  std::uint64_t bytes = 0;
  for (const Section& section : out.sections) bytes += section.bytes.size();
  HEDDLE_CHECK(bytes == out.size.total());
  return out;
}

NarrowMatrix decode(const Encoded& encoded) {
  check_options(encoded.format, encoded.options);
  return codec_of(encoded.format).decode(encoded);
}

FormatSize exact_size(const NarrowMatrix& matrix, Format format, const FormatOptions& options) {
  check_options(format, options);
  return codec_of(format).size(matrix, options);
}

std::vector<std::string_view> section_names(Format format, const FormatOptions& options) {
  return codec_of(format).sections(options);
}

std::uint64_t dense_bytes(const NarrowMatrix& matrix) {
  return value_bytes(matrix.type, std::uint64_t{matrix.rows} * matrix.cols);
}

}  // namespace heddle
