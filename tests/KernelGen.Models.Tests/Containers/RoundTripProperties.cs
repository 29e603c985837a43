using CsCheck;

namespace KernelGen.Models.Tests;

/// <summary>Headers of containers come back as they were written.</summary>
public sealed class RoundTripProperties
{
    private static readonly Gen<string> Text = Gen.Char[' ', '\ud7ff']
        .Where(c => !char.IsControl(c))
        .Array[0, 20]
        .Select(c => new string(c));

    /// <summary>No two alike.</summary>
    private static Gen<string[]> Names(int most) =>
        Gen.Char['a', 'z'].Array[1, 8].Select(c => new string(c)).Array[0, most].Select(names => names.Distinct().ToArray());

    private static readonly Gen<GgufValue> Scalar = Gen.OneOf(
        Text.Select(GgufValue.Of),
        Gen.Bool.Select(GgufValue.Of),
        Gen.UInt.Select(GgufValue.Of),
        Gen.Int.Select(GgufValue.Of),
        Gen.Float.Select(GgufValue.Of)
    );

    private static readonly Gen<GgufValue> Value = Gen.OneOf(
        Scalar,
        Text.Array[0, 5].Select(all => GgufValue.OfArray(GgufValueType.String, [.. all.Select(GgufValue.Of)])),
        Gen.Float.Array[0, 5]
            .Array[0, 3]
            .Select(rows =>
                GgufValue.OfArray(
                    GgufValueType.Array,
                    [.. rows.Select(row => GgufValue.OfArray(GgufValueType.Float32, [.. row.Select(GgufValue.Of)]))]
                )
            )
    );

    [Fact]
    public void Gguf_metadata_and_tensors() =>
        Gen.Select(Names(6), Value.Array[6], Names(5), Gen.Long[0, 5].Array[1, 4].Array[5])
            .Sample(
                (keys, values, names, shapes) =>
                {
                    KeyValuePair<string, GgufValue>[] metadata = [.. keys.Zip(values, KeyValuePair.Create)];
                    GgmlType single = GgmlTypes.Of(SafetensorsDtype.F32)!;
                    GgufEntry[] entries =
                    [
                        .. names.Zip(shapes, (name, shape) =>
                            new GgufEntry(name, single, shape, s => s.Write(new byte[4 * shape.Aggregate(1L, (a, b) => a * b)]))
                        ),
                    ];
                    using var stream = new MemoryStream();
                    GgufWriter.Write(stream, entries, metadata);
                    GgufHeader read = GgufHeader.Parse(stream.ToArray(), "any.gguf");
                    return read.Metadata.Count == metadata.Length
                        && metadata
                            .Zip(read.Metadata)
                            .All(pair =>
                                pair.First.Key == pair.Second.Key
                                && pair.First.Value.Type == pair.Second.Value.Type
                                && pair.First.Value.Bytes.Span.SequenceEqual(pair.Second.Value.Bytes.Span)
                            )
                        && entries
                            .Zip(read.Tensors)
                            .All(pair => pair.First.Name == pair.Second.Name && pair.First.Shape.SequenceEqual(pair.Second.Shape));
                }
            );

    [Fact]
    public void Safetensors_headers() =>
        Gen.Select(Names(6), Gen.Select(Gen.Enum<SafetensorsDtype>(), Gen.Long[0, 5].Array[0, 4]).Array[6], Names(4), Text.Array[4])
            .Sample(
                (names, tensors, keys, texts) =>
                {
                    SafetensorsEntry[] entries =
                    [
                        .. names
                            .Zip(tensors, (name, tensor) => (Name: name, Dtype: tensor.Item1, Shape: (long[])[.. tensor.Item2, 8]))
                            .Select(t => new SafetensorsEntry(t.Name, t.Dtype, t.Shape, s =>
                                s.Write(new byte[t.Shape.Aggregate(1L, (a, b) => a * b) * t.Dtype.Bits() / 8])
                            )),
                    ];
                    Dictionary<string, string> metadata = keys.Zip(texts).ToDictionary(pair => pair.First, pair => pair.Second);
                    using var stream = new MemoryStream();
                    SafetensorsWriter.Write(stream, entries, metadata);
                    byte[] file = stream.ToArray();
                    int length = (int)BitConverter.ToInt64(file);
                    SafetensorsHeader read = SafetensorsHeader.Parse(file.AsSpan(8, length), file.Length - 8 - length, "any.safetensors");
                    return read.Metadata.Count == metadata.Count
                        && metadata.All(pair => read.Metadata[pair.Key] == pair.Value)
                        && read.Tensors.Count == entries.Length
                        && entries.All(entry =>
                            read.Tensors.Single(t => t.Name == entry.Name) is var found
                            && found.Dtype == entry.Dtype
                            && found.Shape.SequenceEqual(entry.Shape)
                        );
                }
            );
}
