using KernelGen.Tests;

namespace KernelGen.Models.Tests;

/// <summary>Each way of being broken, with the words that tell wrong from right.</summary>
public sealed class SafetensorsHardeningTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private const string Good = """{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Fact]
    public void The_length_in_front_must_fit_the_file()
    {
        Refused([1, 2, 3], "the file has 3 bytes");
        Refused([], "the file has 0 bytes");
        Refused(SafetensorsBytes.Of(Good, 1000, new byte[8]), $"it is 1000 bytes long, but only {Good.Length + 8} bytes follow");
        Refused(SafetensorsBytes.Of(Good, 100_000_001, new byte[8]), "it is 100000001 bytes long; the limit is 100000000");
        Refused(SafetensorsBytes.Of(Good, 1UL << 63, new byte[8]), "it is 9223372036854775808 bytes long; the limit is 100000000");
        Refused(SafetensorsBytes.Of(Good, ulong.MaxValue, new byte[8]), "it is 18446744073709551615 bytes long");
        Refused(SafetensorsBytes.Of(Good, 0, new byte[8]), "the header starts with nothing");
    }

    [Fact]
    public void The_header_must_be_a_JSON_object()
    {
        Refused(SafetensorsBytes.Of("[1]"), "the header starts with byte 0x5B, not with '{' (0x7B)");
        Refused(SafetensorsBytes.Of(" " + Good, new byte[8]), "byte 0x20");
        Refused(SafetensorsBytes.Of("{\"t\":"), "not valid JSON at byte 5");
        Refused(SafetensorsBytes.Of(Good + "x", new byte[8]), "not valid JSON");
        Refused(SafetensorsBytes.Of(Good + "{}", new byte[8]), "not valid JSON");
        Refused(SafetensorsBytes.Of("{\"t\":[]}"), "its description must be an object, not an array");
        Refused(SafetensorsBytes.Of("{\"\\ud800\":{}}"), "not valid Unicode");
        byte[] halfCharacter = SafetensorsBytes.Of("{\"@\":{}}");
        halfCharacter[10] = 0xFF;
        Refused(halfCharacter, "not valid");
    }

    [Fact]
    public void Nesting_ends_soon()
    {
        Refused(SafetensorsBytes.Of("{\"t\":" + new string('[', 100_000)), "its description must be an object");
        Refused(SafetensorsBytes.Of("{\"t\":{\"x\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100_000))), "not valid JSON");
        Refused(SafetensorsBytes.One("\"U8\"", "[[1]]", "[0,1]", 1), "shape must be an array of whole numbers, not an array");
    }

    [Fact]
    public void Fields_must_be_there_once_and_of_their_type()
    {
        Refused(SafetensorsBytes.Of("""{"t":{"shape":[1],"data_offsets":[0,1]}}""", 0), "tensor 't': it has no dtype.");
        Refused(SafetensorsBytes.Of("""{"t":{"dtype":"U8","data_offsets":[0,1]}}""", 0), "it has no shape.");
        Refused(SafetensorsBytes.Of("""{"t":{"dtype":"U8","shape":[1]}}""", 0), "it has no data_offsets.");
        Refused(SafetensorsBytes.Of("""{"t":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 0), "dtype is there twice");
        Refused(SafetensorsBytes.Of("""{"t":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}""", 0), "shape is there twice");
        Refused(SafetensorsBytes.Of("""{"__metadata__":{"a":1}}"""), "metadata 'a' must be a string, not a number");
        Refused(SafetensorsBytes.Of("""{"__metadata__":{"a":"1","a":"2"}}"""), "metadata 'a' is there twice");
        Refused(SafetensorsBytes.Of("""{"__metadata__":{},"__metadata__":{}}"""), "__metadata__ is there twice");
        Refused(
            SafetensorsBytes.Of(
                """{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""",
                0,
                0
            ),
            "two tensors of this name"
        );
    }

    [Theory]
    [InlineData("\"F31\"", "[2]", "[0,8]", "there is no dtype 'F31'; known are BOOL, F4,")]
    [InlineData("32", "[2]", "[0,8]", "dtype must be a string, not a number")]
    [InlineData("\"F32\"", "2", "[0,8]", "shape must be an array of whole numbers, not a number")]
    [InlineData("\"F32\"", "[2.5]", "[0,8]", "shape holds 2.5; it takes whole numbers from 0 to 9223372036854775807")]
    [InlineData("\"F32\"", "[-2]", "[0,8]", "shape holds -2;")]
    [InlineData("\"F32\"", "[9223372036854775808]", "[0,8]", "shape holds 9223372036854775808;")]
    [InlineData(
        "\"F32\"",
        "[4294967296,4294967296]",
        "[0,8]",
        "its shape [4294967296, 4294967296] has more than 9223372036854775807 values"
    )]
    [InlineData(
        "\"F32\"",
        "[9223372036854775807]",
        "[0,8]",
        "its data_offsets span 8 bytes; shape [9223372036854775807] of F32 takes 36893488147419103228"
    )]
    [InlineData("\"F32\"", "[3]", "[0,8]", "its data_offsets span 8 bytes; shape [3] of F32 takes 12")]
    [InlineData("\"F32\"", "[2]", "[8,0]", "its data begin at byte 8 and end before that, at byte 0")]
    [InlineData("\"F32\"", "[2]", "[0,9223372036854775808]", "data_offsets holds 9223372036854775808;")]
    [InlineData("\"F32\"", "[2]", "[9223372036854775800,9223372036854775807]", "span 7 bytes")]
    [InlineData(
        "\"U8\"",
        "[9223372036854775807]",
        "[0,9223372036854775807]",
        "its data end at byte 9223372036854775807, but only 8 bytes follow the header"
    )]
    [InlineData("\"F32\"", "[3]", "[0,12]", "its data end at byte 12, but only 8 bytes follow the header")]
    [InlineData(
        "\"F32\"",
        "[1]",
        "[0,4]",
        "the tensors end at byte 4 of the data, but 8 bytes follow the header: 4 bytes belong to no tensor"
    )]
    [InlineData("\"F32\"", "[1]", "[4,8]", "its data begin at byte 4, but what comes before ends at byte 0: 4 bytes belong to no tensor")]
    [InlineData("\"F32\"", "[2]", "[0]", "data_offsets has 1 entries; it takes 2")]
    [InlineData("\"F32\"", "[2]", "[0,8,8]", "data_offsets has more than 2 entries")]
    public void Numbers_must_agree(string dtype, string shape, string offsets, string words) =>
        Refused(SafetensorsBytes.One(dtype, shape, offsets, 8), words);

    [Fact]
    public void Data_may_not_overlap() =>
        Refused(
            SafetensorsBytes.Of(
                """{"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""",
                new byte[8]
            ),
            "tensor 'b': its data begin at byte 4 and overlap those of 'a', which end at byte 6"
        );

    [Fact]
    public void Dimensions_are_limited() =>
        Refused(
            SafetensorsBytes.One("\"U8\"", $"[{string.Join(',', Enumerable.Repeat("1", 65))}]", "[0,1]", 1),
            "shape has more than 64 entries"
        );

    [Fact]
    public void A_hostile_name_cannot_fill_the_message()
    {
        string name = new string('a', 5000) + "\\u001b[31m";
        var failure = Refused(SafetensorsBytes.Of($$$"""{"{{{name}}}":{}}"""), "it has no dtype");
        Assert.True(failure.Message.Length < 400, failure.Message);
        failure = Refused(SafetensorsBytes.Of("""{"\u001b[31m":{}}"""), "tensor '?[31m'");
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    [Fact]
    public void Any_cut_of_a_valid_file_is_refused_and_any_damage_at_most_refused()
    {
        byte[] valid = SafetensorsBytes.Of(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[16,24]},"c":{"dtype":"BF16","shape":[0,4],"data_offsets":[24,24]}}""",
            new byte[24]
        );
        for (int length = 0; length < valid.Length; length++)
        {
            Assert.Throws<ModelFormatException>(() => Open(valid[..length]));
        }
        var random = new Random(20_240_917);
        byte[] tokens = "{}[]\",:0123456789-.eE\\untrfalse \0\u007f"u8.ToArray();
        int refused = 0;
        for (int trial = 0; trial < 20_000; trial++)
        {
            List<byte> bytes = [.. valid];
            for (int edits = random.Next(1, 5); edits > 0; edits--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(5))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes[at] = tokens[random.Next(tokens.Length)];
                        break;
                    case 2:
                        bytes.RemoveAt(at);
                        break;
                    case 3:
                        bytes.Insert(at, tokens[random.Next(tokens.Length)]);
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(at, random.Next(Math.Min(40, bytes.Count - at))));
                        break;
                }
            }
            try
            {
                Open([.. bytes]);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 10_000, 19_999); // some damage falls into data and names, and is none
    }

    [Fact]
    public void A_lie_about_sizes_allocates_nothing()
    {
        byte[] liar = SafetensorsBytes.One("\"U8\"", "[4000000000]", "[0,4000000000]", 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(liar, "only 8 bytes follow");
        Refused(SafetensorsBytes.Of(Good, 99_999_999, new byte[8]), "it is 99999999 bytes long, but only");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>Opens and reads everything that can be read.</summary>
    private void Open(byte[] bytes)
    {
        using SafetensorsFile file = SafetensorsFile.Open(_scratch.Write("x.safetensors", bytes));
        foreach (SafetensorsTensor tensor in file.Tensors.Where(t => t.Dtype.IsReadable()))
        {
            file.ReadSingles(tensor);
        }
    }

    private ModelFormatException Refused(byte[] bytes, string words)
    {
        string path = _scratch.Write("broken.safetensors", bytes);
        var failure = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path).Dispose());
        Assert.StartsWith(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        return failure;
    }
}
