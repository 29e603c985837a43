using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Emit;

/// <summary>Which recipe a format's kernels use on which vectors, in words; printed by <c>kernelgen show</c>.</summary>
internal static class KernelSummary
{
    /// <summary>Kernel and recipe, from the bytes of a file to the fastest product.</summary>
    public static IEnumerable<(string Kernel, string Recipe)> Of(FormatModel model)
    {
        var inner = new InnerFormat(model);
        string arms = inner.Arms.Count == 0 ? "" : $"{string.Join(", ", inner.Arms)} bits: ";
        yield return ("packed rows", arms + inner.Recipe);
        FormatModel coded = model.Rotation is null ? model : RotationPlan.Inner(model);
        if (!coded.ChoosesInRows && CodecPlans.For(coded)?.Interleaved is { } interleaved)
        {
            yield return ("repacked, float32", interleaved);
        }
        if (Integers(model) is not { } integers)
        {
            yield break;
        }
        string stages =
            (integers.Stages > 1 ? $"; {Text.Int(integers.Stages)} terms of a weight side by side" : "")
            + (integers.HasExceptions ? "; single weights from a list" : "");
        yield return (
            "repacked, float32",
            (
                integers.Nibbles ? "nibbles shifted and looked up among 16 levels: one permutation (512 bits), two (256), a selection (128)"
                : integers.SmallFloat is not null
                    ? "sign, exponent and mantissa of bytes moved to their places in float32, subnormals by a fused subtraction"
                : "bytes shifted, converted, zero point subtracted after"
            ) + stages
        );
        if (integers.HasIntegers)
        {
            string products = integers.IsSigned
                ? "signs moved to the activations, multiplied and added in pairs, each pair widened"
                : $"multiplied and added in pairs, {Text.Int(2 * integers.Chain)} products in 16 bits before they are widened";
            string weights =
                integers.HasTable ? "nibbles looked up by a byte shuffle"
                : integers.Nibbles ? "nibbles masked"
                : "bytes as they are";
            yield return (
                "repacked, int8",
                $"{weights}, {products}; 512 and 256 bits by one instruction, 128 bits also without it{stages}"
            );
        }
    }

    /// <summary>How rows repacked in memory are multiplied; null for formats that are not.</summary>
    public static IntegerPlan? Integers(FormatModel model) =>
        model.Rotation is not null ? Integers(RotationPlan.Inner(model))
        : model.ChoosesInRows ? new RowStagePlan(model).Integers
        : CodecPlans.For(model) is { } codec ? codec.Integers
        : IntegerPlan.Of(new BlockPlan(model));
}
