// The writing half of json.h. By hand, without a tree: a page of the list is up to 4 MiB of it.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/clock.h"
#include "base/encoding.h"
#include "catalog_api/json.h"
#include "catalog_api/paging.h"

namespace tarn::catalog_api {
namespace {

using catalog::DatasetKind;
using catalog::DatasetState;
using catalog::Manifest;

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_string(Bytes& out, std::string_view text) {
  if (!std::ranges::all_of(text, is_plain)) {
    out += json_quote(text);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void append_number(Bytes& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(static_cast<const char*>(digits.data()), end);
}

/// Appends the elements of a range between brackets or braces.
template <class Range, class AppendOne>
void append_all(Bytes& out, char open, const Range& range, char close, AppendOne append_one) {
  out += open;
  bool is_first = true;
  for (const auto& element : range) {
    if (!is_first) out += ',';
    is_first = false;
    append_one(element);
  }
  out += close;
}

void append_objects(Bytes& out, const std::vector<catalog::DataObject>& objects) {
  append_all(out, '[', objects, ']', [&out](const catalog::DataObject& object) {
    out += R"({"key":)";
    append_string(out, object.key);
    out += R"(,"size":)";
    append_number(out, object.size);
    if (object.etag) {
      out += R"(,"etag":)";
      append_string(out, *object.etag);
    }
    out += '}';
  });
}

void append_columns(Bytes& out, const std::vector<catalog::Column>& columns) {
  append_all(out, '[', columns, ']', [&out](const catalog::Column& column) {
    out += R"({"name":)";
    append_string(out, column.name);
    out += R"(,"type":)";
    append_string(out, column.type);
    out += column.is_nullable ? R"(,"nullable":true})" : R"(,"nullable":false})";
  });
}

void append_properties(Bytes& out, const std::map<std::string, std::string>& properties) {
  append_all(out, '{', properties, '}', [&out](const auto& property) {
    append_string(out, property.first);
    out += ':';
    append_string(out, property.second);
  });
}

std::string_view text_of(DatasetState state) {
  switch (state) {
    case DatasetState::kLive:
      return "live";
    case DatasetState::kDropped:
      return "dropped";
  }
  return "live";
}

std::string_view text_of(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kParquet:
      return "parquet";
    case DatasetKind::kIceberg:
      return "iceberg";
  }
  return "parquet";
}

/// Room for a dataset, so that appending it seldom moves what is there.
std::size_t estimated_size(const Manifest& manifest) {
  constexpr std::size_t kFixed = 512;
  constexpr std::size_t kPerObject = 40;
  std::size_t size = kFixed + manifest.name.size() + manifest.schema_fingerprint.size();
  for (const auto& object : manifest.objects) {
    size += kPerObject + object.key.size() + (object.etag ? object.etag->size() : 0);
  }
  return size;
}

void append_id_and_name(Bytes& out, const Manifest& manifest) {
  out += R"({"dataset_id":")";
  out += manifest.dataset_id.to_string();
  out += R"(","name":)";
  append_string(out, manifest.name);
}

}  // namespace

void append_dataset(Bytes& out, const Manifest& manifest) {
  append_id_and_name(out, manifest);
  out += R"(,"schema_fingerprint":)";
  append_string(out, manifest.schema_fingerprint);
  out += R"(,"objects":)";
  append_objects(out, manifest.objects);
  if (manifest.row_count) {
    out += R"(,"row_count":)";
    append_number(out, *manifest.row_count);
  }
  if (manifest.columns) {
    out += R"(,"columns":)";
    append_columns(out, *manifest.columns);
  }
  out += R"(,"properties":)";
  append_properties(out, manifest.properties);
  if (manifest.metadata_location) {
    out += R"(,"metadata_location":)";
    append_string(out, *manifest.metadata_location);
  }
  out += R"(,"kind":")";
  out += text_of(manifest.kind);
  out += R"(","state":")";
  out += text_of(manifest.state);
  out += R"(","created_at":")";
  out += to_rfc3339(manifest.created_at);
  out += R"(","updated_at":")";
  out += to_rfc3339(manifest.updated_at);
  out += R"(","revision":)";
  append_number(out, manifest.revision);
  out += R"(,"commit_id":")";
  out += manifest.commit_id.to_string();
  out += R"("})";
}

Bytes render_dataset(const Manifest& manifest) {
  Bytes out;
  out.reserve(estimated_size(manifest));
  append_dataset(out, manifest);
  return out;
}

Bytes render_register_result(const catalog::RegisterResult& result) {
  Bytes out;
  out.reserve(estimated_size(*result.manifest) + 32);
  out += R"({"dataset":)";
  append_dataset(out, *result.manifest);
  out += result.is_existing ? R"(,"existing":true})" : R"(,"existing":false})";
  return out;
}

Bytes render_page(const catalog::DatasetPage& page, DatasetView view) {
  Bytes out;
  out += R"({"datasets":)";
  append_all(out, '[', page.datasets, ']', [&out, view](const catalog::ManifestPtr& manifest) {
    switch (view) {
      case DatasetView::kFull:
        append_dataset(out, *manifest);
        return;
      case DatasetView::kNames:
        append_id_and_name(out, *manifest);
        out += '}';
        return;
    }
  });
  if (page.is_truncated && !page.datasets.empty()) {
    out += R"(,"next_page_token":)";
    append_string(out, page_token_after(page.datasets.back()->name));
  }
  out += '}';
  return out;
}

Bytes render_error(std::string_view code, std::string_view message) {
  Bytes out = R"({"error":{"code":)";
  append_string(out, code);
  out += R"(,"message":)";
  append_string(out, message);
  out += "}}";
  return out;
}

Bytes render_register_request(const catalog::RegisterRequest& request) {
  Bytes out = R"({"name":)";
  append_string(out, request.name);
  out += R"(,"schema_fingerprint":)";
  append_string(out, request.schema_fingerprint);
  out += R"(,"objects":)";
  append_objects(out, request.objects);
  if (request.row_count) {
    out += R"(,"row_count":)";
    append_number(out, *request.row_count);
  }
  if (request.columns) {
    out += R"(,"columns":)";
    append_columns(out, *request.columns);
  }
  if (!request.properties.empty()) {
    out += R"(,"properties":)";
    append_properties(out, request.properties);
  }
  out += '}';
  return out;
}

}  // namespace tarn::catalog_api
