using System.Text.Json;

namespace KernelGen.Models;

/// <summary>
/// bitsandbytes NF4 and FP4: <c>weight</c> U8, two codes a byte, the upper first, over all values in order; <c>weight.quant_map</c>
/// gives the
/// 16 levels, <c>weight.absmax</c> a scale for each block; scales that are codes themselves (double quantisation) have
/// <c>weight.nested_absmax</c>, <c>weight.nested_quant_map</c> and an offset. <c>weight.quant_state.bitsandbytes__nf4</c> is JSON:
/// shape, blocks.
/// </summary>
internal sealed class BitsAndBytesDialect : IDialect
{
    private const int Levels = 16,
        NestedLevels = 256;

    private static readonly string[] Kinds = ["nf4", "fp4"];

    public DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes)
    {
        if (codes.Storage.Dtype != SafetensorsDtype.U8 || checkpoint.Find(codes.Name + ".absmax") is not { } absmax)
        {
            return null;
        }
        string? kind = Kinds.FirstOrDefault(name => checkpoint.Find($"{codes.Name}.quant_state.bitsandbytes__{name}") is not null);
        if (kind is null || checkpoint.Find(codes.Name + ".quant_map") is not { } map)
        {
            throw checkpoint.Wrong(codes, "its quant_state or quant_map is missing.");
        }
        ModelTensor described = checkpoint.Find($"{codes.Name}.quant_state.bitsandbytes__{kind}")!;
        State state = State.Of(described);
        long count = state.Shape.Aggregate(1L, (a, b) => checked(a * b)),
            blocks = (count + state.Block - 1) / state.Block;
        if (codes.Bytes != (count + 1) / 2 || absmax.Count != blocks)
        {
            throw checkpoint.Wrong(
                codes,
                $"it has {codes.Bytes} bytes and {absmax.Count} scales; {SafetensorsTensor.ShapeToText(state.Shape)} "
                    + $"in blocks of {state.Block} take {(count + 1) / 2} and {blocks}."
            );
        }
        map.Require("F32", Levels);
        ModelTensor? nested = null,
            nestedMap = null;
        if (absmax.Storage.Dtype == SafetensorsDtype.U8)
        {
            nested = (
                checkpoint.Find(codes.Name + ".nested_absmax") ?? throw checkpoint.Wrong(codes, "its nested_absmax is missing.")
            ).Require("F32", (blocks + state.NestedBlock - 1) / state.NestedBlock);
            nestedMap = (
                checkpoint.Find(codes.Name + ".nested_quant_map") ?? throw checkpoint.Wrong(codes, "its nested_quant_map is missing.")
            ).Require("F32", NestedLevels);
        }
        ModelTensor?[] parts = [codes, absmax, map, described, nested, nestedMap];
        return new(
            codes.Name,
            FormattableString.Invariant($"bitsandbytes-{kind}-g{state.Block}{(nested is null ? "" : "-double")}"),
            state.Shape,
            new Values(codes, absmax, map, nested, nestedMap, state),
            [.. parts.OfType<ModelTensor>()]
        );
    }

    /// <summary>What the JSON says.</summary>
    private sealed record State(long[] Shape, int Block, int NestedBlock, float Offset)
    {
        public static State Of(ModelTensor tensor)
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(tensor.All());
                JsonElement root = document.RootElement;
                var state = new State(
                    [.. root.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())],
                    root.GetProperty("blocksize").GetInt32(),
                    root.TryGetProperty("nested_blocksize", out JsonElement nested) ? nested.GetInt32() : 1,
                    root.TryGetProperty("nested_offset", out JsonElement offset) ? offset.GetSingle() : 0
                );
                return state.Shape.Length > 0 && state.Shape.All(length => length > 0) && state is { Block: > 0, NestedBlock: > 0 }
                    ? state
                    : throw new FormatException();
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
            {
                throw new ModelFormatException(tensor.File, "it has to be JSON with shape and blocksize, above 0.", tensor.Name, e);
            }
        }

        public MatrixSizes Matrix => MatrixSizes.Of(Shape);
    }

    private sealed class Values(
        ModelTensor codes,
        ModelTensor absmax,
        ModelTensor map,
        ModelTensor? nested,
        ModelTensor? nestedMap,
        State state
    ) : DecodedTensor(codes, state.Matrix.Rows, checked((int)state.Matrix.Columns))
    {
        private readonly Lazy<(float[] Levels, float[] Scales)> _parts = new(() =>
            (map.Numbers(), Scales(absmax, nested, nestedMap, state))
        );

        protected override void Decode(long first, int count, Span<float> values)
        {
            (float[] levels, float[] scales) = _parts.Value;
            long start = first * Columns,
                end = start + (long)count * Columns;
            var bytes = new byte[(end + 1) / 2 - start / 2];
            Codes.ReadBytes(start / 2, bytes);
            for (long i = start; i < end; i++)
            {
                int pair = bytes[i / 2 - start / 2],
                    code = i % 2 == 0 ? pair >> 4 : pair & 15;
                values[(int)(i - start)] = levels[code] * scales[i / state.Block];
            }
        }

        private static float[] Scales(ModelTensor absmax, ModelTensor? nested, ModelTensor? nestedMap, State state)
        {
            if (nested is null || nestedMap is null)
            {
                return absmax.Numbers();
            }
            byte[] codes = absmax.All();
            float[] levels = nestedMap.Numbers(),
                scales = nested.Numbers();
            return [.. codes.Select((code, i) => levels[code] * scales[i / state.NestedBlock] + state.Offset)];
        }
    }
}
