// SPDX-License-Identifier: MIT
#include "base64url.hpp"
#include "hcl_evidence.hpp"

#include <tsmfd/evidence/hcl_claims.hpp>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using evidence::Bytes;
using Json = nlohmann::json;
using tsmfd::HclClaims;

const Bytes modulus = evidence::nonce(0x80, 256);
const Bytes user_data = evidence::nonce(0xa1);
const std::string ak = hcl::key_of("HCLAkPub", modulus);

tsmfd::Result<HclClaims> parse(const std::string& json) {
    return tsmfd::parse_hcl_claims(evidence::exactly(hcl::bytes_of(json)));
}

void expect_refused(const std::string& json, const std::string& why) {
    const auto claims = parse(json);
    ASSERT_FALSE(claims) << json.substr(0, 200);
    EXPECT_EQ(claims.error().code, EBADMSG);
    EXPECT_NE(claims.error().what.find(why), std::string::npos) << claims.error().what;
}

TEST(HclClaims, HaveKeysAndUserData) {
    const auto claims =
        parse(hcl::claims_of(ak + "," + hcl::key_of("HCLEkPub", evidence::nonce(1, 256)) +
                                 R"(,{"kid":"another","kty":"EC"})",
                             user_data));
    ASSERT_TRUE(claims) << claims.error().message();
    ASSERT_EQ(claims->keys.size(), 3U);
    ASSERT_NE(claims->key("HCLAkPub"), nullptr);
    EXPECT_EQ(claims->key("HCLAkPub")->modulus, modulus);
    EXPECT_EQ(claims->key("HCLAkPub")->exponent, (Bytes{1, 0, 1}));
    EXPECT_EQ(claims->key("HCLEkPub")->modulus, evidence::nonce(1, 256));
    EXPECT_TRUE(claims->key("another")->modulus.empty());
    EXPECT_EQ(claims->key("none"), nullptr);
    ASSERT_TRUE(claims->user_data);
    EXPECT_TRUE(std::ranges::equal(*claims->user_data, user_data));
}

TEST(HclClaims, MayHaveNeither) {
    const auto claims = parse("{}");
    ASSERT_TRUE(claims) << claims.error().message();
    EXPECT_TRUE(claims->keys.empty());
    EXPECT_FALSE(claims->user_data);
    EXPECT_TRUE(parse(hcl::claims_of(ak, std::nullopt)));
}

TEST(HclClaims, OfLowerCaseAndWithSpaceAreTheSame) {
    std::string digits = hcl::hex_of(user_data);
    std::ranges::transform(digits, digits.begin(),
                           [](char c) { return c >= 'A' ? static_cast<char>(c + 32) : c; });
    const auto claims = parse("\n { \"user-data\" :\t\"" + digits + "\" } ");
    ASSERT_TRUE(claims) << claims.error().message();
    EXPECT_TRUE(std::ranges::equal(*claims->user_data, user_data));
}

TEST(HclClaims, WithTwoOfOneNameAreRefused) {
    expect_refused(hcl::claims_of(ak + "," + ak, user_data), "two keys of the name HCLAkPub");
    expect_refused(hcl::claims_of(ak, user_data, R"(,"keys":[])"), "there twice");
    expect_refused(hcl::claims_of(ak, user_data, R"(,"user-data":"00")"), "there twice");
    // The same name, written in another way, and further down.
    expect_refused(hcl::claims_of(ak, user_data, R"(,"user\u002ddata":"00")"), "there twice");
    expect_refused(
        hcl::claims_of(R"({"kid":"HCLAkPub","kty":"RSA","n":"AQAB","n":"AQAB","e":"AQAB"})",
                       user_data),
        "there twice");
    expect_refused(R"({"vm-configuration":{"a":1,"a":2}})", "there twice");
    const std::string escaped = R"({"kid":"HCL\u0041kPub","kty":"RSA","n":"AQAB","e":"AQAB"})";
    expect_refused(hcl::claims_of(ak + "," + escaped, user_data), "two keys");
}

TEST(HclClaims, OfAKeyThatIsNotOfRsaAreRefused) {
    for (const std::string key :
         {R"({"kid":"HCLAkPub"})", R"({"kid":"HCLAkPub","kty":"EC","n":"AQAB","e":"AQAB"})",
          R"({"kid":"HCLAkPub","kty":"RSA","n":"AQAB"})",
          R"({"kid":"HCLAkPub","kty":"RSA","e":"AQAB"})",
          R"({"kid":"HCLAkPub","kty":"RSA","e":"AQAB","n":""})",
          R"({"kid":"HCLAkPub","kty":"RSA","e":"AQAB","n":7})",
          R"({"kid":"HCLAkPub","kty":"RSA","e":"AQ=B","n":"AQAB"})",
          R"({"kid":"HCLAkPub","kty":"RSA","e":"AQAB","n":"AQ+B"})",
          R"({"kid":"HCLEkPub","kty":"RSA","e":"AQAB","n":"A"})"})
        expect_refused(hcl::claims_of(key, user_data), "no key of RSA");
    for (const std::string key : {"7", "{}", R"({"kid":7})", "[]", "null"})
        expect_refused(hcl::claims_of(key, user_data), "without a name");
    expect_refused(R"({"keys":{}})", "no list");
}

TEST(HclClaims, OfUserDataThatAreNotAre) {
    for (const std::string& value :
         {std::string("\"\""), std::string("7"), std::string("null"), std::string("\"00\""),
          '"' + std::string(126, '0') + '"', '"' + std::string(127, '0') + '"',
          '"' + std::string(130, '0') + '"', '"' + std::string(127, '0') + "g\""})
        expect_refused("{\"user-data\":" + value + "}", "user-data");
}

TEST(HclClaims, ThatAreNoJsonAreRefused) {
    for (const std::string text :
         {"", " ", "{", "{}}", "{} x", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1e999}", "{'a':1}",
          "{\"a\":\"\xff\"}", "{\"\xc3\":1}", "{\"a\":\"\xed\xa0\x80\"}", R"({"a":"\ud800"})"})
        expect_refused(text, "no JSON");
    for (const std::string text : {"[]", "7", "\"a\"", "null"})
        expect_refused(text, "no JSON object");
    // The parser would take it for the end.
    expect_refused(std::string("{}\0{", 4), "zero byte");
    expect_refused(std::string("{}\0", 3), "zero byte");
}

TEST(HclClaims, AreBounded) {
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_TRUE(parse(nested(HclClaims::max_depth)));
    expect_refused(nested(HclClaims::max_depth + 1), "deeper");
    expect_refused(std::string(HclClaims::max_size, '['), "deeper");
    const auto padded = [](std::size_t size) { return "{}" + std::string(size - 2, ' '); };
    EXPECT_TRUE(parse(padded(HclClaims::max_size)));
    expect_refused(padded(HclClaims::max_size + 1), "more than");
    // As many keys as there is room for.
    std::string keys;
    for (int i = 0; keys.size() < HclClaims::max_size - 64; ++i)
        keys += (i == 0 ? "" : ",") + Json({{"kid", std::to_string(i)}}).dump();
    EXPECT_TRUE(parse("{\"keys\":[" + keys + "]}"));
}

TEST(Base64url, IsThatOfRfc4648WithoutPadding) {
    for (std::size_t size = 1; size < 70; ++size) {
        const Bytes bytes = evidence::nonce(0xf0, size);
        EXPECT_EQ(tsmfd::from_base64url(hcl::base64url(bytes)), bytes) << size;
    }
    EXPECT_EQ(tsmfd::from_base64url("-_-_"), (Bytes{0xfb, 0xff, 0xbf}));
    EXPECT_EQ(tsmfd::from_base64url(""), Bytes{});
    for (const char* text : {"A", "AAAAA", "AA==", "AAA=", "+/+/", "AA A", "AB", "AAB", "AA\n"})
        EXPECT_EQ(tsmfd::from_base64url(text), std::nullopt) << text;
}

} // namespace
