// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/hex.hpp>

#include <cctype>
#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tsmfd {
namespace {

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const json& hex) {
    return from_hex(hex.get<std::string>()).value();
}

struct Vector {
    std::string name;
    bool valid;
    BatchedChallenge asked;
    Bytes leaf_hash;
    Bytes proof;
    Bytes report_data;
};

// data/batch/generate made them, without any of this library.
std::vector<Vector> read_vectors() {
    std::ifstream file(TSMFD_TEST_DATA "/batch/vectors.json");
    std::vector<Vector> all;
    const json document = json::parse(file);
    for (const json& one : document.at("vectors")) {
        all.push_back({.name = one.at("name"),
                       .valid = one.at("valid"),
                       .asked = {.inblob = Inblob::from(bytes_of(one.at("inblob"))).value(),
                                 .privlevel = one.at("privlevel"),
                                 .format = Format{one.at("format").get<std::uint32_t>()}},
                       .leaf_hash = bytes_of(one.at("leaf_hash")),
                       .proof = bytes_of(one.at("proof")),
                       .report_data = bytes_of(one.at("report_data"))});
    }
    return all;
}

Result<void> verify(const Vector& vector) {
    const auto proof = parse_batch_proof(vector.proof);
    if (!proof)
        return std::unexpected(proof.error());
    return verify_batch(vector.asked, *proof, vector.report_data);
}

std::string printable(const testing::TestParamInfo<Vector>& info) {
    std::string name = std::to_string(info.index);
    bool upper = true;
    for (const char c : info.param.name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0)
            upper = true;
        else
            name += upper ? static_cast<char>(std::toupper(c)) : c;
        upper = std::isalnum(static_cast<unsigned char>(c)) == 0;
    }
    return name;
}

class Proof : public testing::TestWithParam<Vector> {};

TEST_P(Proof, HashesItsLeafAsOthersDo) {
    const Digest512 leaf = batch_leaf(GetParam().asked);
    EXPECT_EQ(Bytes(leaf.begin(), leaf.end()), GetParam().leaf_hash);
}

TEST_P(Proof, IsAcceptedOrRefused) {
    const auto result = verify(GetParam());
    EXPECT_EQ(result.has_value(), GetParam().valid) << GetParam().name;
    if (!result) {
        EXPECT_EQ(result.error().code, EBADMSG);
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Proof, testing::ValuesIn(read_vectors()), printable);

Vector right_one() {
    return read_vectors().at(5);
}

// As read(2) gives it, for an outblob of these bytes.
Bytes stream_of(const Vector& vector, std::size_t outblob = 1184) {
    Bytes stream = vector.proof;
    stream.resize(stream.size() + outblob, 0x5a);
    return stream;
}

TEST(ProofStream, IsTakenApart) {
    const Vector vector = right_one();
    const Bytes stream = stream_of(vector);
    const auto answer = split_batch(stream);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_TRUE(is_batch_proof(stream));
    EXPECT_EQ(answer->proof_bytes.size(), vector.proof.size());
    EXPECT_EQ(answer->outblob.size(), 1184U);
    EXPECT_TRUE(answer->auxblob.empty());
}

TEST(ProofStream, ThatEndsEarlyIsRefused) {
    const Bytes stream = stream_of(right_one(), 1183);
    EXPECT_EQ(split_batch(stream).error().code, EBADMSG);
}

TEST(ProofStream, WithMoreBehindItIsRefused) {
    const Bytes stream = stream_of(right_one(), 1185);
    EXPECT_EQ(split_batch(stream).error().code, EBADMSG);
}

TEST(ProofStream, CutAnywhereIsRefused) {
    const Bytes stream = stream_of(right_one());
    for (std::size_t size = 0; size < stream.size(); ++size)
        EXPECT_FALSE(split_batch(ByteSpan(stream).first(size))) << size;
}

TEST(ProofPath, HasTheLengthThatTheVectorsHave) {
    for (const Vector& vector : read_vectors()) {
        if (!vector.valid)
            continue;
        const auto proof = parse_batch_proof(vector.proof).value();
        EXPECT_EQ(batch_path_length(proof.leaf_index, proof.tree_size),
                  proof.path.size() / TSMFD_HASH_LEN);
    }
}

// Whoever fills a BatchProof by hand is not spared the checks.
TEST(ProofPath, ByHandIsCheckedToo) {
    const Vector vector = right_one();
    BatchProof proof = parse_batch_proof(vector.proof).value();
    proof.path = {};
    EXPECT_FALSE(batch_root(vector.asked, proof));
    proof.leaf_index = proof.tree_size;
    EXPECT_FALSE(batch_root(vector.asked, proof));
    const Bytes hashes(std::size_t{20} * TSMFD_HASH_LEN);
    proof = {.leaf_index = 0, .tree_size = 4, .path = hashes};
    EXPECT_FALSE(batch_root(vector.asked, proof));
    proof.path = ByteSpan(hashes).first(2 * TSMFD_HASH_LEN - 1);
    EXPECT_FALSE(batch_root(vector.asked, proof));
}

} // namespace
} // namespace tsmfd
