using System.Globalization;
using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Rules;

/// <summary>Sparsity, outliers and rotation: each by itself, and together with what they wrap.</summary>
internal static class WrapperRules
{
    /// <summary>Largest pattern, <c>NmPattern.MaxGroup</c> in the runtime.</summary>
    private const int LargestPattern = 16;

    public static IEnumerable<Violation> Check(FormatModel model)
    {
        // a stage's plan is made of legal inner ones only
        Violation[] sparse = [.. Sparse(model), .. RotationSize(model)];
        Violation[] stages = sparse.Length > 0 ? sparse : [.. Outliers(model)];
        return stages.Length > 0 ? stages : Rotation(model);
    }

    private static IEnumerable<Violation> Sparse(FormatModel model)
    {
        if (model.Sparse is not { } sparse)
        {
            yield break;
        }
        bool pattern = sparse.M != 0 || sparse.N != 0;
        if (pattern)
        {
            string? wrong =
                sparse.M is < 2 or > LargestPattern ? $"has patterns of {sparse.M}"
                : sparse.N < 1 || sparse.N >= sparse.M ? $"keeps {sparse.N} of {sparse.M}"
                : sparse.Pairs && (sparse.N % 2 != 0 || sparse.M % 2 != 0) ? "cannot be kept by pairs"
                : null;
            if (wrong is not null)
            {
                yield return new(
                    Descriptors.SparsePattern,
                    Fault.Nearest("Sparse", "n", sparse.N, 1, sparse.M - 1).When(sparse.M <= LargestPattern && !sparse.Pairs),
                    sparse.N,
                    sparse.M,
                    model.TypeName,
                    wrong,
                    sparse.Pairs ? "even n and m, n from 2 to m - 2, m up to 16" : "n from 1 to m - 1, m from 2 to 16"
                );
                yield break;
            }
        }
        if (sparse.Idle is { } idle)
        {
            yield return new(
                Descriptors.SparseArgument,
                Fault.Remove("Sparse", idle),
                idle,
                model.TypeName,
                pattern ? $"a pattern of {sparse.N}:{sparse.M}" : "a density",
                pattern
                    ? "remove it, or say how much is kept by a density, as in [Sparse(0.5)]"
                    : "remove it, or say what is kept by a pattern, as in [Sparse(2, 4)]"
            );
            yield break;
        }
        bool places = sparse is { N: 2, M: 4, Pairs: false } or { N: 4, M: 8, Pairs: true };
        if (sparse.Index == SparseIndex.TwoBit && !places)
        {
            yield return new(
                Descriptors.SparseTwoBit,
                Fault.Remove("Sparse", "Index"),
                model.TypeName,
                $"{sparse.N}:{sparse.M}{(sparse.Pairs ? " by pairs" : "")}"
            );
        }
        if (CodecPlans.For(model with { Sparse = null, Outliers = null, Rotation = null }) is not null)
        {
            yield return new(
                Descriptors.SparseGroup,
                "Sparse",
                model.TypeName,
                "block whose elements are coded together",
                "over elements that are coded one by one"
            );
            yield break;
        }
        bool unscaled = pattern && model.Scale is null;
        bool inRows = sparse.Scope == SelectionScope.Row;
        bool whole = pattern
            ? model.Scale is { } scale && scale.Group % sparse.M == 0
            : model.Layout.Groups == 1 && (!inRows || model.Scale is { } own && own.Group % 8 == 0);
        if (!unscaled && (model.Scale is not { Group: > 0 } || model.HasTensorScale || !whole))
        {
            string per = model.Scale?.Group switch
            {
                null => "nothing",
                ScaleModel.Row => "row",
                ScaleModel.Tensor => "tensor",
                { } group => $"group of {group}",
            };
            if (model.Layout.Groups > 1)
            {
                per += $" in blocks of {model.Layout.Groups} groups";
            }
            int step = pattern ? sparse.M : 8;
            Fault fault =
                model.HasTensorScale || model.Scale is not { Group: > 0 } of || (!pattern && model.Layout.Groups > 1)
                    ? "Sparse"
                    : Fault.Nearest("Scale", "group", of.Group, step, ScaleRules.LargestBlock, step) with
                    {
                        Attribute = "Sparse",
                    };
            yield return new(
                Descriptors.SparseGroup,
                fault,
                model.TypeName,
                per + (model.HasTensorScale ? " with a tensor scale" : ""),
                pattern ? $"that is a multiple of {sparse.M}" : $"that is a block of its own{(inRows ? " and a multiple of 8" : "")}"
            );
            yield break;
        }
        if (!pattern)
        {
            int group = model.Scale!.Group,
                kept = (int)Math.Floor(group * Math.Min(2, Math.Max(-1, sparse.Density)) + 0.5);
            if (!(sparse.Density > 0 && sparse.Density < 1) || kept < 1 || kept >= group)
            {
                double share = sparse.Density / 100;
                yield return new(
                    Descriptors.SparseDensity,
                    Fault.Set("Sparse", "density", share).When(sparse.Density > 1 && share * group is >= 1 && share < 1),
                    sparse.Density.ToString("R", CultureInfo.InvariantCulture),
                    model.TypeName,
                    kept,
                    group
                );
            }
        }
    }

    private static IEnumerable<Violation> Outliers(FormatModel model)
    {
        if (model.Outliers is not { } outliers)
        {
            yield break;
        }
        if (!(outliers.Fraction > 0 && outliers.Fraction <= 0.5))
        {
            yield return new(
                Descriptors.OutlierFraction,
                Fault.Set("Outliers", "fraction", outliers.Fraction / 100).When(outliers.Fraction is >= 1 and <= 50),
                outliers.Fraction.ToString("R", CultureInfo.InvariantCulture),
                model.TypeName
            );
        }
        if (outliers.Type is not (ScaleType.Float16 or ScaleType.BFloat16))
        {
            Fault type = Fault.Set("Outliers", "type", ScaleRules.Of16Bits(outliers.Type));
            yield return new(Descriptors.OutlierType, type, model.TypeName, outliers.Type);
        }
        bool inRows = outliers.Scope == SelectionScope.Row;
        if (!inRows && model.Sparse is { Scope: SelectionScope.Row })
        {
            yield return new(Descriptors.BlockOfRow, Fault.Remove("Outliers", "Scope"), model.TypeName);
        }
        string? wrong =
            CodecPlans.For(model with { Outliers = null, Rotation = null }) is not null && model.Sparse is null ? null
            : model.Scale is not { Group: > 0 } && !(inRows && model.Scale is { Group: ScaleModel.Row }) ? "no scale of a group"
            : model.Offset is not null && !inRows ? "an offset"
            : model.HasTensorScale ? "a tensor scale"
            : null;
        if (wrong is not null)
        {
            Fault fault = new("Outliers", wrong == "a tensor scale" ? "TensorScale" : null);
            yield return new(Descriptors.OutlierScale, fault, model.TypeName, wrong);
        }
    }

    private static IEnumerable<Violation> RotationSize(FormatModel model)
    {
        if (model.Rotation is { } rotation && (rotation.Size is < 16 or > 4096 || (rotation.Size & (rotation.Size - 1)) != 0))
        {
            Fault nearest = Fault.Nearest("Hadamard", "size", rotation.Size, Enumerable.Range(4, 9).Select(bits => 1 << bits));
            yield return new(Descriptors.RotationSize, nearest, rotation.Size, model.TypeName);
        }
    }

    private static IEnumerable<Violation> Rotation(FormatModel model)
    {
        if (model.Rotation is not { } rotation)
        {
            yield break;
        }
        int block = new InnerFormat(model with { Rotation = null }).Block;
        if (block % rotation.Size != 0 && rotation.Size % block != 0)
        {
            yield return new(Descriptors.RotationBlock, "Hadamard", model.TypeName, rotation.Size, block, rotation.Size);
        }
        if (model.HasTensorScale || (model.Scale is { Group: ScaleModel.Tensor } scale && scale.Rule != ScaleRule.GaussianOptimal))
        {
            yield return new(
                Descriptors.RotationScale,
                "Hadamard",
                model.TypeName,
                model.HasTensorScale ? "a tensor scale" : $"one scale for the tensor with ScaleRule.{model.Scale!.Rule}"
            );
        }
    }
}
