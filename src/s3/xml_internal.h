#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tarn::s3 {

/// Writes one XML document into one buffer. Names are ours and written as they are; text is escaped: "&<>\"", CR and
/// other control characters (as "&#xD;": XML 1.0 forbids most of them, S3 writes them so nevertheless).
class XmlWriter {
 public:
  enum class Namespace : std::uint8_t {
    kNone,
    kS3,  ///< xmlns="http://s3.amazonaws.com/doc/2006-03-01/", as all of S3's answers but errors have
  };

  /// Opens the root element. `root` must live as long as the writer.
  explicit XmlWriter(std::string_view root, Namespace name_space = Namespace::kS3);

  void open(std::string_view element);
  void close(std::string_view element);
  /// <element>escaped value</element>
  void text(std::string_view element, std::string_view value);
  void number(std::string_view element, std::uint64_t value);
  void boolean(std::string_view element, bool value);
  /// Escaped text inside the element that is open.
  void content(std::string_view value);
  /// As it is: for what is XML already.
  void raw(std::string_view xml) { out_ += xml; }

  /// Closes the root.
  std::string finish() &&;

 private:
  std::string_view root_;
  std::string out_;
};

/// One element of an XmlDocument, which must outlive it. Names are compared without their namespace prefix.
class XmlElement {
 public:
  std::string_view name() const;
  /// Its own text, references resolved, white space kept.
  std::string text() const;
  /// The first child of that name.
  std::optional<XmlElement> child(std::string_view child_name) const;
  /// The text of the first child of that name; empty where there is none.
  std::string child_text(std::string_view child_name) const;
  std::vector<XmlElement> children() const;

 private:
  friend class XmlDocument;
  explicit XmlElement(const void* node) : node_(node) {}
  const void* node_;
};

/// A parsed document. No DTD, no entities but XML's own five: what is written in one cannot grow.
class XmlDocument {
 public:
  /// Errors: S3Code::kMalformedXml; S3Code::kMaxMessageLengthExceeded over `max_bytes`.
  static Result<XmlDocument> parse(ByteView xml, std::size_t max_bytes);
  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  XmlElement root() const;

 private:
  struct Tree;
  explicit XmlDocument(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

}  // namespace tarn::s3
