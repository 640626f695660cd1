// A report as one HTML file that needs nothing else: no network, no other file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/report/figure.h"

namespace heddle {

/// `svgs`: the figures, drawn. Rows beyond kMostTableRows are left out of the table, which says so.
std::string report_page(const FigureContext& context, std::span<const Figure> figures,
                        std::span<const std::string> svgs, const std::string& title);

inline constexpr std::size_t kMostTableRows = 3000;

/// Its style sheet and its script, which sorts and filters tables.
std::string page_style();
std::string page_script();

/// With &, <, > and quotes as entities.
std::string html_text(const std::string& text);

}  // namespace heddle
