using KernelGen.Generators.Model;
using KernelGen.Generators.Plan.Codecs;

namespace KernelGen.Generators.Plan;

/// <summary>The plan of a format whose rows are rotated before another format, nested in it, codes them.</summary>
internal sealed class RotationPlan
{
    /// <summary>Name of the nested struct.</summary>
    public const string InnerName = "Rotated";

    public RotationPlan(FormatModel model)
    {
        Model = model;
        Rotation = model.Rotation!;
        Whole = new InnerFormat(model);
    }

    public FormatModel Model { get; }

    public RotationModel Rotation { get; }

    /// <summary>The format as a whole: sizes, stages, drawing.</summary>
    public InnerFormat Whole { get; }

    /// <summary>The format of the rotated rows.</summary>
    public static FormatModel Inner(FormatModel model) => model.Inside(InnerName) with { Rotation = null, IsRepacked = model.IsRepacked };
}
