using KernelGen.Generators.Model;

namespace KernelGen.Generators.Reading;

/// <summary>Declaration to model. Assumes that the structural rules hold; missing attributes become defaults.</summary>
internal static class ModelReading
{
    public static FormatModel Read(Declaration declaration) =>
        new(
            declaration.Namespace,
            declaration.TypeName,
            declaration.Accessibility,
            declaration.IsReadOnly,
            declaration.Find("CompressedFormat")?.Positional[0] as string ?? "",
            Element(declaration),
            declaration.Find("Scale") is { } scale ? Scale(scale) : null,
            declaration.Find("Offset") is { } offset ? new OffsetModel((ScaleType)offset.Get<int>(0)) : null,
            declaration.Find("TensorScale") is not null,
            declaration.Find("Layout") is { } layout ? Layout(layout) : LayoutModel.Default,
            declaration.Find("Targets") is { } targets ? (KernelTargets)targets.Get<int>(0) : KernelTargets.Cpu | KernelTargets.Gpu
        )
        {
            Sparse = declaration.Find("Sparse") is { } sparse ? WrapperReading.Sparse(sparse) : null,
            Outliers = declaration.Find("Outliers") is { } outliers ? WrapperReading.Outliers(outliers) : null,
            Rotation = declaration.Find("Hadamard") is { } rotation ? WrapperReading.Rotation(rotation) : null,
            SuperScale = declaration.Find("SuperScale") is { } super ? SuperScale(super) : null,
            IsObsolete = declaration.IsObsolete,
        };

    public static ElementModel Element(Declaration declaration)
    {
        if (BlockElementReading.Read(declaration) is { } block)
        {
            return block;
        }
        if (declaration.Find("IntElement") is { } integer)
        {
            return new IntElementModel(
                integer.Get<int>(0),
                (IntLevels)integer.Get("Levels", (int)IntLevels.Symmetric),
                (IntCode)integer.Get("Code", (int)IntCode.Offset),
                (TieRule)integer.Get("Ties", (int)TieRule.Even),
                integer.Get("FractionBits", 0)
            );
        }
        if (declaration.Find("FloatElement") is { } real)
        {
            int exponent = real.Get<int>(0),
                bias = real.Get("Bias", 0);
            return new FloatElementModel(
                exponent,
                real.Get<int>(1),
                (FloatSpecials)real.Get("Specials", (int)FloatSpecials.None),
                bias != 0 ? bias : Math.Max(1, (1 << Math.Min(Math.Max(exponent, 1) - 1, 30)) - 1),
                (TieRule)real.Get("Ties", (int)TieRule.Even),
                real.Get("NegativeZero", true)
            );
        }
        return new CodebookElementModel(new(declaration.Find("Codebook")!.List<float>(0)));
    }

    private static ScaleModel Scale(DeclaredAttribute scale) =>
        new(
            (ScaleType)scale.Get<int>(0),
            scale.Get<int>(1),
            (ScaleRule)scale.Get("Rule", (int)ScaleRule.AbsMax),
            (ScaleUse)scale.Get("Use", (int)ScaleUse.Stored)
        );

    private static SuperScaleModel SuperScale(DeclaredAttribute super) =>
        new((ScaleType)super.Get<int>(0), super.Get<int>(1), (SubScaleOrder)super.Get("Order", (int)SubScaleOrder.Split));

    private static LayoutModel Layout(DeclaredAttribute layout) =>
        new(
            new(layout.List<int>(0).Select(field => (BlockField)field)),
            (CodeOrder)layout.Get("Nibbles", (int)CodeOrder.Split),
            (CodeOrder)layout.Get("Pairs", (int)CodeOrder.LowFirst),
            (CodeOrder)layout.Get("Bits", (int)CodeOrder.LowFirst),
            layout.Get("Groups", 1)
        )
        {
            NibblesSpan = layout.Get("NibblesSpan", 0),
            PairsSpan = layout.Get("PairsSpan", 0),
            BitsSpan = layout.Get("BitsSpan", 0),
        };
}
