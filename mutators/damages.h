// What the rows of registry.cc point to. Each returns nullopt if the message
// offers nothing to damage; the rows say what each does and who does it.
#ifndef DKIMSPEC_MUTATORS_DAMAGES_H_
#define DKIMSPEC_MUTATORS_DAMAGES_H_

#include <optional>

#include "mutators/mutator.h"

namespace dkimspec::mutators {

using Apply = std::optional<Damage>(const MessageView& message,
                                    const Params& params, Rng& rng);

// header_fields.cc: which fields there are, and in which order.
Apply DropField, InsertTrace, PrependDuplicate, ReorderHeader, SwapSameName;

// header_folding.cc: the layout of a field.
Apply RefoldHeader, UnfoldHeader, SpaceAfterColon, NoSpaceBeforeColon,
    RecaseFieldNames;

// header_values.cc: what a field says.
Apply TagSubject, SpaceAfterCommas, QuoteParam, PadDate;

// body_white_space.cc
Apply AppendWsp, CollapseWsp, StripTrailingWsp, AppendBlankLines;

// body_content.cc
Apply AppendFooter, AppendPart, MangleFrom, DoubleDots, EatDots;

// body_encoding.cc
Apply EncodeQuotedPrintable, RewrapBase64;

// line_ends.cc
Apply BareLf, LfToCrlf, CrlfAtEnd, WrapLines;

}  // namespace dkimspec::mutators

#endif  // DKIMSPEC_MUTATORS_DAMAGES_H_
