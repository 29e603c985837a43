using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>Which stages code whole blocks, and by which plan: the first entry that applies.</summary>
internal static class CodecPlans
{
    private static readonly (Func<FormatModel, bool> Applies, Func<FormatModel, CodecPlan> Plan)[] Table =
    [
        // wrappers first, outermost first: each hands the rest of the declaration to the format nested in it
        (model => model.Outliers is not null, model => new OutlierPlan(model)),
        (model => model.Sparse is not null, model => new SparsePlan(model)),
        (model => model.Element is TrellisElementModel, model => new TrellisPlan(model)),
        (model => model.Element is VectorElementModel, model => new VectorPlan(model)),
        (model => model.Element is LatticeElementModel, model => new LatticePlan(model)),
        (model => model.Element is TernaryElementModel, model => new TernaryPlan(model)),
        (model => model.Element is SignElementModel, model => new SignPlan(model)),
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
