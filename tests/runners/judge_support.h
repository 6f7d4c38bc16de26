// Cases and answers, as small as judging needs them.
#ifndef DKIMSPEC_TESTS_RUNNERS_JUDGE_SUPPORT_H_
#define DKIMSPEC_TESTS_RUNNERS_JUDGE_SUPPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "fixtures/case.h"
#include "runners/implementation.h"

namespace dkimspec::runners {

using fixtures::Case;
using fixtures::Subject;
using fixtures::Verdict;

inline Subject SubjectOf(const std::string& label, Verdict expected,
                         std::size_t position) {
  Subject subject;
  subject.label = label;
  subject.sdid = label + ".example";
  subject.selector = "s-" + label;
  subject.signature_start = label + "Signature";
  subject.position = position;
  subject.expected = expected;
  return subject;
}

// A case with one DKIM-Signature field for each expectation: "a", "b", ...
inline Case CaseOf(const std::vector<Verdict>& expected) {
  Case test;
  test.id = "test/case/one";
  test.control = "test/case/one@control";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string label(1, static_cast<char>('a' + i));
    test.message += "DKIM-Signature: d=" + label + "\r\n";
    test.subjects.push_back(SubjectOf(label, expected[i], i));
  }
  test.message += "From: a@a.example\r\n\r\nHi.\r\n";
  return test;
}

inline Case UnsignedCase() {
  Case test;
  test.message = "From: a@a.example\r\n\r\n";
  Subject subject;
  subject.label = "message";
  subject.expected = Verdict::kNone;
  test.subjects.push_back(subject);
  return test;
}

inline SignatureAnswer Word(const std::string& result) {
  SignatureAnswer answer;
  answer.word = result;
  answer.result = result;
  return answer;
}

inline SignatureAnswer Named(const std::string& label,
                             const std::string& result) {
  SignatureAnswer answer = Word(result);
  answer.sdid = label + ".example";
  answer.selector = "s-" + label;
  return answer;
}

inline Answer Said(const std::vector<SignatureAnswer>& signatures) {
  Answer answer;
  answer.status = Answer::Status::kSaid;
  answer.signatures = signatures;
  return answer;
}

inline Answer Said(const std::string& word) {
  return Said(std::vector<SignatureAnswer>{Word(word)});
}

inline Answer WithStatus(Answer::Status status,
                         const std::string& detail = "") {
  Answer answer;
  answer.status = status;
  answer.detail = detail;
  return answer;
}

inline Description Who(Reports reports = Reports::kEach) {
  Description who;
  who.name = "test";
  who.reports = reports;
  return who;
}

}  // namespace dkimspec::runners

#endif  // DKIMSPEC_TESTS_RUNNERS_JUDGE_SUPPORT_H_
