using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan;

/// <summary>
/// How one vector width walks over a group: segments of consecutive elements within which every plane's codes sit at
/// fixed shifts, so that a segment is a loop (or a few statements) of identical steps.
/// </summary>
/// <param name="Lanes">Elements in a vector: 16, 8 or 4.</param>
/// <param name="Segment">Elements of a segment, a multiple of the lanes.</param>
internal sealed record ArmPlan(int Lanes, int Segment)
{
    public int Bits => Lanes * 32;

    /// <summary>The arms that the layout allows, widest first. A format without any still has the scalar reference.</summary>
    public static IReadOnlyList<ArmPlan> For(int group, IReadOnlyList<PlanePlan> planes, ElementModel element) =>
        [.. new[] { 16, 8, 4 }.Select(lanes => For(lanes, group, planes, element)).OfType<ArmPlan>()];

    private static ArmPlan? For(int lanes, int group, IReadOnlyList<PlanePlan> planes, ElementModel element)
    {
        // Sums that decide a search run in 16 lanes on every width: groups of other sizes stay scalar.
        if (group % 16 != 0 || !TableFits(lanes, element))
        {
            return null;
        }
        int segment = group;
        foreach (PlanePlan plane in planes.Where(plane => !plane.IsWhole && plane.Order == CodeOrder.Split))
        {
            if (IsFolded(plane, lanes))
            {
                segment = Math.Min(segment, lanes);
            }
            else if (plane.BytesPerGroup % lanes == 0)
            {
                segment = Math.Min(segment, plane.BytesPerGroup);
            }
            else
            {
                return null;
            }
        }
        return group % segment == 0 ? new ArmPlan(lanes, segment) : null;
    }

    /// <summary>Whether one vector takes both halves of a nibble plane whose stride is half a vector.</summary>
    public static bool IsFolded(PlanePlan plane, int lanes) =>
        plane is { Bits: 4, Order: CodeOrder.Split } && plane.BytesPerGroup * 2 == lanes;

    /// <summary>
    /// A table is looked up with one permutation per vector of entries: more than 16 of them are slower than scalar code.
    /// </summary>
    private static bool TableFits(int lanes, ElementModel element) =>
        element is not CodebookElementModel codebook || (1 << codebook.Bits) <= 16 * lanes;
}
