#include <gtest/gtest.h>

#include "s3/test_support_internal.h"
#include "s3/xml_internal.h"

namespace tarn::s3 {
namespace {

TEST(Xml, WrittenTextIsReadBack) {
  std::string every_character;
  for (int c = 1; c < 128; ++c) every_character.push_back(static_cast<char>(c));
  every_character += "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\xb3";
  XmlWriter xml("Root");
  xml.open("Outer");
  xml.text("Key", every_character);
  xml.text("Spaces", "  ");
  xml.number("Number", 18446744073709551615ULL);
  xml.boolean("Flag", true);
  xml.close("Outer");

  const auto document = XmlDocument::parse(std::move(xml).finish(), 1 << 20);

  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->root().name(), "Root");
  const auto outer = document->root().child("Outer");
  ASSERT_TRUE(outer);
  EXPECT_EQ(outer->child_text("Key"), every_character);
  EXPECT_EQ(outer->child_text("Spaces"), "  ");
  EXPECT_EQ(outer->child_text("Number"), "18446744073709551615");
  EXPECT_EQ(outer->child_text("Flag"), "true");
  EXPECT_EQ(outer->child_text("Missing"), "");
  EXPECT_EQ(outer->children().size(), 4U);
}

TEST(Xml, PrefixesCommentsAndCdataMakeNoDifference) {
  const auto document = XmlDocument::parse(
      "<?xml version='1.0'?><!-- c --><s:Root xmlns:s='x'><s:A>1<!-- c --><![CDATA[<2>]]></s:A></s:Root>", 1 << 20);

  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().name(), "Root");
  EXPECT_EQ(document->root().child_text("A"), "1<2>");
}

TEST(Xml, EntitiesOfADtdAreNotExpanded) {
  const auto document = XmlDocument::parse(
      "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><Root><A>&b;</A></Root>", 1 << 20);

  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().child_text("A"), "&b;");
}

TEST(Xml, WhatIsNotWellFormedIsRefused) {
  for (const std::string_view text : {"", "text", "<a>", "<a></b>", "<a", "<!-- only -->", "<a/><"}) {
    EXPECT_EQ(code_of(XmlDocument::parse(text, 1 << 20)), "MalformedXML") << text;
  }
}

TEST(Xml, DocumentsOverTheLimitAreNotParsed) {
  EXPECT_EQ(code_of(XmlDocument::parse("<Root></Root>", 12)), "MaxMessageLengthExceeded");
  EXPECT_TRUE(XmlDocument::parse("<Root></Root>", 13));
}

TEST(Xml, DeepNestingIsHarmless) {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "<a>";
  for (int i = 0; i < 300'000; ++i) text += "</a>";

  EXPECT_TRUE(XmlDocument::parse(text, 4 << 20));
}

}  // namespace
}  // namespace tarn::s3
