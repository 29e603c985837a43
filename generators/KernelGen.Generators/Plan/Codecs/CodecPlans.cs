using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>Which stages code whole blocks, and by which plan: the first entry that applies.</summary>
internal static class CodecPlans
{
    private static readonly (Func<FormatModel, bool> Applies, Func<FormatModel, CodecPlan> Plan)[] Table =
    [
        (model => model.SuperScale is not null, model => new SuperScalePlan(model)),
    ];

    /// <summary>The plan, or null for formats whose codes stand for one element each.</summary>
    public static CodecPlan? For(FormatModel model)
    {
        foreach ((Func<FormatModel, bool> applies, Func<FormatModel, CodecPlan> plan) in Table)
        {
            if (applies(model))
            {
                return plan(model);
            }
        }
        return null;
    }
}
