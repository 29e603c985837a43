using KernelGen.Formats;

namespace KernelGen.Models.Tests;

/// <summary>Models that tests write.</summary>
internal static class SmallModels
{
    public static FormatCatalog Catalog => DeclaredFormats.Catalog;

    public static float[] Gaussian(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))),
        ];
    }

    public static SafetensorsEntry Singles(string name, long[] shape, float[] values) =>
        new(name, SafetensorsDtype.F32, shape, stream => RawFloatFile.Write(stream, values));

    /// <summary>A matrix of several chunks, a small one, a vector and whole numbers.</summary>
    public static string Write(string path, float[]? large = null)
    {
        SafetensorsWriter.Write(
            path,
            [
                Singles("layers.0.up.weight", [1100, 768], large ?? Gaussian(1100 * 768, 1)),
                Singles("layers.0.down.weight", [64, 512], Gaussian(64 * 512, 2)),
                Singles("norm.weight", [768], Gaussian(768, 3)),
                new("ids", SafetensorsDtype.I64, [2, 3], stream => stream.Write(new byte[48])),
            ],
            new Dictionary<string, string> { ["format"] = "pt" },
            overwrite: true
        );
        return path;
    }

    public static byte[] Bytes(ModelTensor tensor)
    {
        var bytes = new byte[tensor.Bytes];
        tensor.ReadBytes(0, bytes);
        return bytes;
    }
}
