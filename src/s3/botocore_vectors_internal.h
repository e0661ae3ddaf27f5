#pragma once

#include <string_view>
#include <utility>
#include <vector>

// Written by tools/make_sigv4_vectors.py with botocore 1.40.76. Not to be edited.
// clang-format off
namespace tarn::s3 {

struct BotocoreVector {
  std::string_view name;
  std::string_view method;
  std::string_view target;
  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< those that the caller set
  std::string_view session_token;
  std::string_view payload_sha256;
  std::string_view authorization;     ///< of the header form
  std::string_view presigned_target;  ///< the same method and target without headers, for an hour
};

inline constexpr std::string_view kBotocoreHost = "127.0.0.1:9000";
inline const std::vector<BotocoreVector> kBotocoreVectors = {
    {R"~(list buckets)~", R"~(GET)~", R"~(/)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=b7aa7741cd5d68e615f5bfb3f5f98a243d2fe0be0737984c3ca0d4b548bb24aa)~",
     R"~(/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=a222d509832175a1fbf23a99a4b9d5729b824883addfbd4b0133aa91e303b6ee)~"},
    {R"~(empty key)~", R"~(GET)~", R"~(/lake/?list-type=2&prefix=&delimiter=%2F&encoding-type=url)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=4873d89fef03f8a49d05899f29866ad7050f8a71fb867fc744e3b37d69c5fe02)~",
     R"~(/lake/?list-type=2&prefix=&delimiter=%2F&encoding-type=url&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=678a132a5a538e15ec220985fa2ce8fe5a6afaa6f0812355c87832b4aaf6c746)~"},
    {R"~(query not in order)~", R"~(GET)~", R"~(/lake?prefix=b&list-type=2&max-keys=7&delimiter=%2F&start-after=a%20b%2Bc)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=594790d0b77947c8fe4562cca61e4eb0867bb6939885471d8aa8647b530d1ec0)~",
     R"~(/lake?prefix=b&list-type=2&max-keys=7&delimiter=%2F&start-after=a%20b%2Bc&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=889833a915d9395e8701e81d9cdcd7c684242c0f88eb8a1dea3a481bbf3e6bb1)~"},
    {R"~(names that are prefixes of each other)~", R"~(GET)~", R"~(/lake?a=1&a-b=2&a.b=3&aB=4&a%20b=5)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=de8d49c2eebbfd79b37f2e49301f807f692baca58493ffd41857714280a18233)~",
     R"~(/lake?a=1&a-b=2&a.b=3&aB=4&a%20b=5&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=efee3c5fb0dd893ad63e0aee3ff9327005fb39c054669ae250a6e8303f6f86c9)~"},
    {R"~(a parameter twice)~", R"~(GET)~", R"~(/lake?x=2&x=10&x=1)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=2b08e6155c18f8e3f08938df6b101e2007b9cb194b5867684024384c5dd6b353)~",
     R"~(/lake?x=2&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=95f6475ae9e3d8aafa15138b3bf2d9b8af40f695b4a7f4552011241cc908d3d9)~"},
    {R"~(sub-resource without value)~", R"~(GET)~", R"~(/lake?uploads)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=7e88bb9c97928452d2931d869dbc83c9e2ae5f10dd62d05383ae0eb880c584e7)~",
     R"~(/lake?uploads=&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=f9b700b4c4930dd4e16044718fccd78ed269b4d8125caca9a0483a1429f9697b)~"},
    {R"~(range)~", R"~(GET)~", R"~(/lake/a)~",
     {{R"~(Range)~", R"~(bytes=0-9)~"}, {R"~(If-Match)~", R"~("abc")~"}},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;if-match;range;x-amz-content-sha256;x-amz-date, Signature=88af4d965957c50de7f497ee70416aecd22a71939ff7bf5282f6da74914b7041)~",
     R"~(/lake/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0fa6a0d7e66507001733a5287b9780fd87889ad2ae2f2519e1ec9e0544a2d544)~"},
    {R"~(space and plus)~", R"~(GET)~", R"~(/lake/a%20b%2Bc)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=837e1f7e6a759c351791328a4897087fcb9078cde3e6a12e604e8d13642e5bb6)~",
     R"~(/lake/a%20b%2Bc?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=18961a1950dbd972e161b5686e46a82e7f2fdf757bbeed4ec317fc8f861f8516)~"},
    {R"~(unicode)~", R"~(PUT)~", R"~(/lake/donn%C3%A9es/%E6%97%A5%E6%9C%AC.parquet)~",
     {},
     R"~()~",
     R"~(3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=14c6706992b731cac0d9c066c7005e6cea330d17c36676e64be9769069790cef)~",
     R"~(/lake/donn%C3%A9es/%E6%97%A5%E6%9C%AC.parquet?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=118b2dc62a25cd89c55fa9389f58b36c437cf974a70fd65d3515f3122c4b2df1)~"},
    {R"~(reserved characters)~", R"~(PUT)~", R"~(/lake/%21%22%23%24%25%26%27%28%29%2A%2C%3A%3B%3D%3F%40%5B%5D%7B%7D~-._)~",
     {},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=b4be3c1d2361b87621fc852d449e630b6957aea89852e54a0f829f2a2ab77b29)~",
     R"~(/lake/%21%22%23%24%25%26%27%28%29%2A%2C%3A%3B%3D%3F%40%5B%5D%7B%7D~-._?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=41476383aab1f569d88063968bd9d9e95789835a3fbd0b206ed69ffef0c3de87)~"},
    {R"~(dots and slashes)~", R"~(PUT)~", R"~(/lake/a//b/../c/./d/)~",
     {},
     R"~()~",
     R"~(2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=06aa07c104257ebfbfd0eb5dd9c2253dfff0541147cafc3a3fa1571c94f06115)~",
     R"~(/lake/a//b/../c/./d/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=349a2339d793f828e06cadb48e1755671d290530bb52793eb8e2b8aba270adb5)~"},
    {R"~(metadata with spaces)~", R"~(PUT)~", R"~(/lake/a)~",
     {{R"~(x-amz-meta-note)~", R"~(  two   words  )~"}, {R"~(Content-Type)~", R"~(text/plain; charset=utf-8)~"}},
     R"~()~",
     R"~(230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-note, Signature=cebdeab78cc2c1ca9fbe319088686f8be14ca0588f7ac31103e3a88a52606b39)~",
     R"~(/lake/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=ac3ce9974339d3fa21b15efdbf6a5b33c194a21500abc47a0a300bd0f308bc7a)~"},
    {R"~(conditional put)~", R"~(PUT)~", R"~(/lake/_catalog/manifests/flights.parquet)~",
     {{R"~(If-None-Match)~", R"~(*)~"}, {R"~(x-amz-checksum-crc32)~", R"~(AAAAAA==)~"}},
     R"~()~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;if-none-match;x-amz-checksum-crc32;x-amz-content-sha256;x-amz-date, Signature=7faf5570908fbb623300147c8c426dd27dfe25d716a87ff29a2ecd0cc9862335)~",
     R"~(/lake/_catalog/manifests/flights.parquet?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=227318acb8d5217ef832a52aa88642ecccbd1dbe6cc4232f682b60f2231475ce)~"},
    {R"~(multi delete)~", R"~(POST)~", R"~(/lake?delete)~",
     {{R"~(Content-MD5)~", R"~(1B2M2Y8AsgTpgAmY7PhCfg==)~"}},
     R"~()~",
     R"~(e2000f6b1fc1db795626ddaf9c13324157e9f56cb7820b40d7c3253a08ee5b91)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=content-md5;host;x-amz-content-sha256;x-amz-date, Signature=afe32d7a8b33507503b871724a715fe3a8f6cf99fa387c74abdad0dcb2a1637f)~",
     R"~(/lake?delete=&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=3c3a1e22989bc1ceaeeb68da98134b495df29ab0f9789204d6dcab4e6de24f56)~"},
    {R"~(session token)~", R"~(GET)~", R"~(/lake/a)~",
     {},
     R"~(AQoDYXdzEPT//////////wEXAMPLE==)~",
     R"~(e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)~",
     R"~(AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=ce160eadc15422d326f262134de2daf057968a07e0215e2fd0d90ec7e160a23e)~",
     R"~(/lake/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=AQoDYXdzEPT%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEXAMPLE%3D%3D&X-Amz-Signature=c5a872fac9f1f88f523f3cb6c896ca38d115dfb71ec7d8b711c8ca42eeda479e)~"},
};

}  // namespace tarn::s3
// clang-format on
