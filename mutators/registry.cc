// The table of mutators, sorted by name, and nothing else.
#include <algorithm>

#include "mutators/damages.h"
#include "mutators/rules.h"

namespace dkimspec::mutators {
namespace {

using Text = std::string;  // Fallbacks of type text, told from flags.

Param Lines() {
  return {
      "lines", "which of the lines it applies to", Text("all"), {"all", "one"}};
}

Param Fields() {
  return {
      "fields", "which fields; empty for all", Text(), {}, &kFieldNamesRule};
}

//                           header           body
//                           simple  relaxed  simple  relaxed
constexpr Survives kAll = {true, true, true, true};
constexpr Survives kNothing = {false, false, false, false};
constexpr Survives kBodyHurt = {true, true, false, false};
constexpr Survives kBodySpace = {true, true, false, true};
constexpr Survives kHeaderHurt = {false, false, true, true};
constexpr Survives kHeaderSpace = {false, true, true, true};

constexpr bool kRawOctets = true;

const std::vector<Mutator>& Table() {
  static const auto& table = *new std::vector<Mutator>{
      {"append-blank-lines",
       "Appends empty lines to the body.",
       "procmail and formail 3.22 when they write mailboxes (run)",
       {{"count", "how many", std::int64_t{1}, {}, &kCountRule}},
       kAll,
       false,
       AppendBlankLines},
      {"append-footer",
       "Appends text to the body, after any MIME part it ends with.",
       "mlmmj 1.3.0 appends the octets of its footer file, even to the middle "
       "of a line or after the closing boundary; Mailman 3.3.8 starts a new "
       "line first (both run)",
       {{"text",
         "what is appended",
         Text("_______________________________________________\r\n"
              "list mailing list -- list@lists.example\r\n"),
         {},
         &kNotEmptyRule},
        {"on_new_line", "end an unfinished last line first", true}},
       kBodyHurt,
       false,
       AppendFooter},
      {"append-part",
       "Adds a text part at the end of a multipart/mixed body.",
       "Mailman 3.3.8 and ezmlm add their footers so, Sympa does on request; "
       "the header stays as it was (Mailman was run, the others read)",
       {{"text",
         "what the part says",
         Text("list mailing list -- list@lists.example"),
         {},
         &kNotEmptyRule}},
       kBodyHurt,
       false,
       AppendPart},
      {"append-wsp",
       "Appends white space to lines of the body.",
       "editors and archives that pad or re-indent text; common knowledge, no "
       "program was caught at it",
       {Lines(), {"wsp", "what is appended", Text(" "), {}, &kWspRule}},
       kBodySpace,
       false,
       AppendWsp},
      {"bare-lf",
       "Turns the CRLF that ends body lines into a bare LF.",
       "altermime 0.3.10 ends lines the other way than the file around them "
       "(run); message stores keep LF, and tools resend it",
       {Lines()},
       kBodyHurt,
       kRawOctets,
       BareLf},
      {"base64-rewrap",
       "Cuts base64 parts into lines of another width, same characters.",
       "MIME-tools 5.510 and the Ruby mail library write 60 columns where 76 "
       "came in (run)",
       {{"width", "octets per line", std::int64_t{60}, {}, &kWidthRule}},
       kBodyHurt,
       false,
       RewrapBase64},
      {"collapse-wsp",
       "Reduces each run of white space in the body to one SP.",
       "tools that reformat text, and text pasted from web pages; common "
       "knowledge",
       {Lines()},
       kBodySpace,
       false,
       CollapseWsp},
      {"colon-space",
       "Puts a SP after the colon of a field that has none.",
       "Python 3.11's email package under every policy, and SpamAssassin 4.0.1 "
       "(both run)",
       {Fields()},
       kHeaderSpace,
       false,
       SpaceAfterColon},
      {"comma-space",
       "Puts a SP after commas between addresses.",
       "sendmail 8.17.1 rewrites address lists so (run; commaize in headers.c)",
       {Fields()},
       kHeaderHurt,
       false,
       SpaceAfterCommas},
      {"crlf-at-end",
       "Drops the CRLF that ends the body, or adds one.",
       "Postfix 3.7.11, Exim 4.96, sendmail 8.17.1 and procmail 3.22 add it "
       "(run); clients that submit the last line unfinished drop it",
       {{"what", "drop or add", Text("drop"), {"drop", "add"}}},
       kAll,
       kRawOctets,
       CrlfAtEnd},
      {"dot-double",
       "Doubles the dot at the start of body lines.",
       "receivers that do not undo dot-stuffing (RFC 5321 section 4.5.2); the "
       "Mail::DKIM documentation lists it among common failures",
       {Lines()},
       kBodyHurt,
       false,
       DoubleDots},
      {"dot-eaten",
       "Removes the dot at the start of body lines.",
       "clients that send without dot-stuffing (RFC 5321 section 4.5.2), "
       "whose server then removes a dot that was text",
       {Lines()},
       kBodyHurt,
       false,
       EatDots},
      {"drop-field",
       "Removes every instance of a field.",
       "Postfix 3.7.11 and sendmail 8.17.1 drop Bcc, Return-Path and "
       "Content-Length, Exim 4.96 drops Return-Path (run)",
       {{"field", "its name", Text("Bcc"), {}, &kFieldNameRule}},
       kHeaderHurt,
       false,
       DropField},
      {"field-name-case",
       "Writes header field names in another case.",
       "reformime of maildrop 2.9.3, mlmmj 1.3.0 and the Ruby mail library "
       "write Mime-Version for MIME-Version and the like (run)",
       {Fields(),
        {"style",
         "how names are written",
         Text("title"),
         {"title", "upper", "lower"}}},
       kHeaderSpace,
       false,
       RecaseFieldNames},
      {"from-mangle",
       "Puts \">\" before body lines that start with \"From \".",
       "formail and procmail 3.22, Python 3.11's mailbox module: everything "
       "that writes mbox files (run)",
       {Lines(),
        {"style",
         "mboxrd quotes \">From \" once more",
         Text("mboxo"),
         {"mboxo", "mboxrd"}}},
       kBodyHurt,
       false,
       MangleFrom},
      {"header-reorder",
       "Reorders fields; those of one name keep their order.",
       "Mailman 3.3.8 moves fields that it sets to the end, the Ruby mail "
       "library writes an order of its own (both run)",
       {{"order",
         "the new order",
         Text("shuffle"),
         {"shuffle", "reverse", "by-name"}}},
       kAll,
       false,
       ReorderHeader},
      {"lf-to-crlf",
       "Turns each bare LF of the body into CRLF.",
       "the SMTP server of Postfix 3.7.11 (run)",
       {Lines()},
       kBodyHurt,
       false,
       LfToCrlf},
      {"pad-date",
       "Writes the day of a date with two digits.",
       "Python 3.11's email package with refold_source=all, and the Ruby mail "
       "library (run)",
       {Fields()},
       kHeaderHurt,
       false,
       PadDate},
      {"param-quote",
       "Quotes a parameter of Content-Type or Content-Disposition, or removes "
       "its quotes.",
       "Mailman 3.3.8 writes charset=\"us-ascii\" when it adds a footer (run); "
       "outlook.com was reported to change quotes",
       {Fields(),
        {"param",
         "name of the parameter",
         Text("charset"),
         {},
         &kFieldNameRule},
        {"style", "quote or unquote", Text("quote"), {"quote", "unquote"}}},
       kHeaderHurt,
       false,
       QuoteParam},
      {"prepend-duplicate",
       "Puts a second instance of a field on top. Survives in h= unless the "
       "field is over-signed.",
       "the attack of RFC 6376 section 8.15: many readers show the first "
       "instance, the signature covers the last",
       {{"field", "its name", Text("From"), {}, &kFieldNameRule},
        {"value",
         "what it says",
         Text("Somebody Else <somebody@attacker.example>"),
         {},
         &kOneLineRule}},
       kHeaderHurt,
       false,
       PrependDuplicate},
      {"qp-encode-8bit",
       "Encodes parts declared 8bit or binary as quoted-printable.",
       "Postfix 3.7.11 relaying to a server without 8BITMIME (run; "
       "mime_state_downgrade in mime_state.c)",
       {},
       kNothing,
       false,
       EncodeQuotedPrintable},
      {"refold-header",
       "Folds header lines that are too long at white space.",
       "Python 3.11's email package, Mail::Internet, MIME-tools 5.510 and the "
       "Ruby mail library (run)",
       {Fields(),
        {"width", "octets per line", std::int64_t{78}, {}, &kWidthRule}},
       kHeaderSpace,
       false,
       RefoldHeader},
      {"space-before-colon",
       "Removes white space between field names and their colons.",
       "Postfix 3.7.11 and sendmail 8.17.1 (run)",
       {Fields()},
       kHeaderSpace,
       false,
       NoSpaceBeforeColon},
      {"strip-trailing-wsp",
       "Removes white space at the end of body lines.",
       "editors and list archives; common knowledge",
       {Lines()},
       kBodySpace,
       false,
       StripTrailingWsp},
      {"subject-tag",
       "Puts a tag such as [list] into the subject.",
       "mlmmj 1.3.0 (front) and Mailman 3.3.8 (moved-down) (run); Sympa "
       "(after-re; TransformIncoming.pm was read)",
       {{"tag", "the tag", Text("[list]"), {}, &kOneLineRule},
        {"style",
         "before the text, after a leading Re:, or before the text "
         "and with the field moved to the end of the header",
         Text("front"),
         {"front", "after-re", "moved-down"}}},
       kHeaderHurt,
       false,
       TagSubject},
      {"swap-same-name",
       "Swaps two neighbouring instances of one field.",
       "programs that keep fields in a map, or put what they add below instead "
       "of above; RFC 6376 section 5.4.2 counts instances from the bottom",
       {{"field",
         "its name; empty for any but DKIM-Signature",
         Text(),
         {},
         &kMaybeFieldNameRule}},
       kHeaderHurt,
       false,
       SwapSameName},
      {"trace-insert",
       "Puts a Received field on top.",
       "every relay (RFC 5321 section 4.4)",
       {{"by",
         "the host that received it",
         Text("mx.example"),
         {},
         &kOneLineRule}},
       kAll,
       false,
       InsertTrace},
      {"unfold-header",
       "Joins the lines of folded header fields.",
       "formail 3.22, mlmmj 1.3.0 for Subject, sendmail 8.17.1 for addresses "
       "(run; some add a SP of their own)",
       {Fields()},
       kHeaderSpace,
       false,
       UnfoldHeader},
      {"wrap-998",
       "Cuts lines that are too long with CRLF SP, in header and body alike.",
       "Postfix 3.7.11, smtp_line_length_limit (run; smtp_text_out in "
       "smtp_proto.c)",
       {{"limit", "octets per line", std::int64_t{998}, {}, &kWidthRule}},
       kNothing,
       false,
       WrapLines},
  };
  return table;
}

}  // namespace

std::span<const Mutator> AllMutators() { return Table(); }

const Mutator* FindMutator(std::string_view name) {
  const auto row = std::find_if(
      Table().begin(), Table().end(),
      [&](const Mutator& mutator) { return mutator.name == name; });
  return row == Table().end() ? nullptr : &*row;
}

}  // namespace dkimspec::mutators
