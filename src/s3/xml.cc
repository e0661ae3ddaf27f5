#include <array>
#include <charconv>
#include <utility>

#include <pugixml.hpp>

#include "s3/errors_internal.h"
#include "s3/xml_internal.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kDeclaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') {
          out.push_back(c);
        } else {
          constexpr std::string_view kDigits = "0123456789ABCDEF";
          out += "&#x";
          if (c >= 0x10) out.push_back('1');
          out.push_back(kDigits[static_cast<unsigned char>(c) & 0x0f]);
          out.push_back(';');
        }
    }
  }
}

pugi::xml_node node_of(const void* node) {
  // pugixml's handle is one pointer, passed through const void* to keep its header out of ours.
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(const_cast<void*>(node)));
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

XmlWriter::XmlWriter(std::string_view root, Namespace name_space) : root_(root), out_(kDeclaration) {
  out_ += "\n<";
  out_ += root;
  if (name_space == Namespace::kS3) out_ += R"( xmlns="http://s3.amazonaws.com/doc/2006-03-01/")";
  out_ += ">";
}

void XmlWriter::open(std::string_view element) {
  out_ += "<";
  out_ += element;
  out_ += ">";
}

void XmlWriter::close(std::string_view element) {
  out_ += "</";
  out_ += element;
  out_ += ">";
}

void XmlWriter::text(std::string_view element, std::string_view value) {
  open(element);
  append_escaped(out_, value);
  close(element);
}

void XmlWriter::content(std::string_view value) {
  append_escaped(out_, value);
}

void XmlWriter::number(std::string_view element, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text(element, {digits.data(), end});
}

void XmlWriter::boolean(std::string_view element, bool value) {
  text(element, value ? "true" : "false");
}

std::string XmlWriter::finish() && {
  close(root_);
  return std::move(out_);
}

std::string_view XmlElement::name() const {
  return local_name(node_of(node_));
}

std::string XmlElement::text() const {
  std::string text;
  for (const pugi::xml_node& part : node_of(node_).children()) {
    if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) text += part.value();
  }
  return text;
}

std::optional<XmlElement> XmlElement::child(std::string_view child_name) const {
  for (const pugi::xml_node& node : node_of(node_).children()) {
    if (node.type() == pugi::node_element && local_name(node) == child_name) return XmlElement(node.internal_object());
  }
  return std::nullopt;
}

std::string XmlElement::child_text(std::string_view child_name) const {
  const auto found = child(child_name);
  return found ? found->text() : std::string();
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> elements;
  for (const pugi::xml_node& node : node_of(node_).children()) {
    if (node.type() == pugi::node_element) elements.push_back(XmlElement(node.internal_object()));
  }
  return elements;
}

struct XmlDocument::Tree {
  pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(ByteView xml, std::size_t max_bytes) {
  if (xml.size() > max_bytes) {
    return failure(S3Code::kMaxMessageLengthExceeded,
                   "the XML document has more than " + std::to_string(max_bytes) + " bytes");
  }
  auto tree = std::make_unique<Tree>();
  // A key of spaces alone is a key: keep white space where it is an element's only content.
  const unsigned int options = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const pugi::xml_parse_result parsed =
      tree->document.load_buffer(xml.data(), xml.size(), options, pugi::encoding_utf8);
  if (!parsed)
    return failure(S3Code::kMalformedXml, std::string("The XML is not well formed: ") + parsed.description());
  if (!tree->document.document_element()) return failure(S3Code::kMalformedXml, "The XML has no root element.");
  return XmlDocument(std::move(tree));
}

XmlElement XmlDocument::root() const {
  return XmlElement(tree_->document.document_element().internal_object());
}

}  // namespace tarn::s3
