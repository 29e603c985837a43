using System.Diagnostics;

namespace KernelGen.Models.Tests;

/// <summary>
/// Valid files with damage of many kinds: each is read, or refused with a clear message, without memory beyond twice the
/// file. The seeds are fixed.
/// </summary>
public sealed class FuzzTests
{
    private const int Trials = 12_000;

    /// <summary>What any parse may take besides: the buffer, an exception with its trace, growth of small lists.</summary>
    private const int Overhead = 1 << 16;

    /// <summary>Numbers that break careless arithmetic.</summary>
    private static readonly ulong[] Extremes =
    [
        0,
        1,
        7,
        8,
        9,
        31,
        32,
        33,
        64,
        255,
        65_536,
        int.MaxValue,
        uint.MaxValue,
        long.MaxValue,
        1UL << 63,
        ulong.MaxValue,
        ulong.MaxValue - 31,
        1UL << 40,
        1UL << 60,
    ];

    [Fact]
    public void Damaged_gguf_files_are_read_or_refused()
    {
        byte[] valid = ValidGguf();
        Assert.Equal(12, GgufHeader.Parse(valid, "valid").Tensors.Count);
        int headerLength = (int)GgufHeader.Parse(valid, "valid").DataStart;
        (int refused, int read) = Run(valid, headerLength, 20_251_122, file => GgufHeader.Parse(file, "damaged.gguf"));
        Assert.InRange(refused, Trials / 4, Trials - 1);
        Assert.True(read > 100);
    }

    [Fact]
    public void Damaged_safetensors_files_are_read_or_refused()
    {
        byte[] valid = ValidSafetensors();
        int headerLength = 8 + (int)BitConverter.ToInt64(valid);
        (int refused, int read) = Run(valid, headerLength, 20_251_123, file =>
        {
            // The part of opening that needs a file is the first check; the rest is the same code.
            ulong length = file.Length < 8 ? ulong.MaxValue : BitConverter.ToUInt64(file);
            if (length > (ulong)Math.Max(0, file.Length - 8))
            {
                throw new ModelFormatException("damaged.safetensors", "the header does not fit.");
            }
            SafetensorsHeader.Parse(file.AsSpan(8, (int)length), file.Length - 8 - (int)length, "damaged.safetensors");
        });
        Assert.InRange(refused, Trials / 4, Trials - 1);
        Assert.True(read > 100);
    }

    [Fact]
    public void Damaged_files_of_a_split_model_are_joined_or_refused()
    {
        byte[][] valid = [SplitPart(0), SplitPart(1)];
        Assert.Equal(4, Joined(valid[0], valid[1]));
        int headerLength = (int)GgufHeader.Parse(valid[1], "valid").DataStart;
        (int refused, int read) = Run(valid[1], headerLength, 20_251_125, file => Joined(valid[0], file), besides: 4 * valid[0].Length);
        Assert.InRange(refused, Trials / 4, Trials - 1);
        Assert.True(read > 100);

        static byte[] SplitPart(int number)
        {
            using var stream = new MemoryStream();
            GgufWriter.Write(
                stream,
                [
                    .. Enumerable
                        .Range(0, 2)
                        .Select(i => new GgufEntry($"blk.{number}.{i}", GgmlTypes.Of(SafetensorsDtype.F32)!, [3, 5], s =>
                            s.Write(new byte[60])
                        )),
                ],
                GgufSplit.Metadata([new("general.architecture", GgufValue.Of("llama"))], number, 2, 4)
            );
            return stream.ToArray();
        }

        static int Joined(params byte[][] parts)
        {
            GgufFile[] files = [.. parts.Select((part, i) => GgufFile.Open(ByteSource.Of(part, $"m-0000{i + 1}-of-00002.gguf")))];
            using ModelFile model = GgufModel.Join("m", files, SmallModels.Catalog);
            return model.Tensors.Count;
        }
    }

    [Fact]
    public void Damaged_shard_lists_are_read_or_refused()
    {
        string map = string.Join(
            ',',
            Enumerable.Range(0, 40).Select(i => $"\"model.layers.{i}.mlp.weight\":\"model-{i % 4 + 1:D5}-of-00004.safetensors\"")
        );
        byte[] valid = System.Text.Encoding.UTF8.GetBytes("{\"metadata\":{\"total_size\":1000},\"weight_map\":{" + map + "}}");
        (int refused, int read) = Run(valid, valid.Length, 20_251_124, file => SafetensorsIndex.Parse(file, "damaged.index.json"));
        Assert.InRange(refused, Trials / 4, Trials - 1);
        Assert.True(read > 100);
    }

    private static (int Refused, int Read) Run(byte[] valid, int headerLength, int seed, Action<byte[]> parse, int besides = 0)
    {
        var random = new Random(seed);
        int refused = 0,
            read = 0;
        var clock = new Stopwatch();
        for (int trial = 0; trial < Trials; trial++)
        {
            byte[] file = Damaged(valid, headerLength, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            clock.Restart();
            try
            {
                parse(file);
                read++;
            }
            catch (ModelFormatException e)
            {
                Assert.True(e.Message.Length is > 20 and < 1000, e.Message);
                Assert.DoesNotContain(e.Message, char.IsControl);
                refused++;
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= 2 * file.Length + besides + Overhead, $"trial {trial}: {allocated} bytes for a file of {file.Length}");
            Assert.True(clock.ElapsedMilliseconds < 5_000, $"trial {trial} took {clock.ElapsedMilliseconds} ms");
        }
        return (refused, read);
    }

    private static byte[] Damaged(byte[] valid, int headerLength, Random random)
    {
        List<byte> file = [.. valid];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int limit = Math.Min(headerLength, file.Count);
            int at = random.Next(limit);
            switch (random.Next(7))
            {
                case 0 when file.Count > 0:
                    file[at] = (byte)random.Next(256);
                    break;
                case 1 when file.Count > 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at + 8 <= file.Count:
                    byte[] number = BitConverter.GetBytes(Extremes[random.Next(Extremes.Length)]);
                    for (int i = 0; i < 8; i++)
                    {
                        file[at + i] = number[i];
                    }
                    break;
                case 3 when at + 4 <= file.Count:
                    byte[] small = BitConverter.GetBytes((uint)Extremes[random.Next(Extremes.Length)]);
                    for (int i = 0; i < 4; i++)
                    {
                        file[at + i] = small[i];
                    }
                    break;
                case 4:
                    file.RemoveRange(at, Math.Min(random.Next(1, 40), file.Count - at));
                    break;
                case 5:
                    file.InsertRange(at, [.. file.Skip(random.Next(limit)).Take(random.Next(1, 60))]);
                    break;
                default:
                    if (random.Next(4) == 0)
                    {
                        file.RemoveRange(at, file.Count - at);
                    }
                    else
                    {
                        file.AddRange(new byte[random.Next(1, 100)]);
                    }
                    break;
            }
            if (file.Count == 0)
            {
                break;
            }
        }
        return [.. file];
    }

    private static byte[] ValidGguf()
    {
        using var stream = new MemoryStream();
        GgmlType[] types = [.. GgmlTypes.All.Take(12)];
        GgufWriter.Write(
            stream,
            [
                .. types.Select(
                    (type, i) => new GgufEntry($"blk.{i}.weight", type, [2, type.Block], s => s.Write(new byte[2 * type.BlockBytes]))
                ),
            ],
            [
                new("general.architecture", GgufValue.Of("llama")),
                new("general.alignment", GgufValue.Of(64u)),
                new("llama.eps", GgufValue.Of(1e-5f)),
                new(
                    "tokens",
                    GgufValue.OfArray(GgufValueType.String, [.. Enumerable.Range(0, 50).Select(i => GgufValue.Of($"token {i}"))])
                ),
                new(
                    "nested",
                    GgufValue.OfArray(
                        GgufValueType.Array,
                        GgufValue.OfArray(GgufValueType.UInt32, GgufValue.Of(1u)),
                        GgufValue.OfArray(GgufValueType.Bool)
                    )
                ),
            ]
        );
        return stream.ToArray();
    }

    private static byte[] ValidSafetensors()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream,
            Enum.GetValues<SafetensorsDtype>()
                .Select(dtype => new SafetensorsEntry($"layer.{dtype}", dtype, [8, 3], s => s.Write(new byte[8 * 3 * dtype.Bits() / 8]))),
            new Dictionary<string, string> { ["format"] = "pt", ["a"] = "b" }
        );
        return stream.ToArray();
    }
}
