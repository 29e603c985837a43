using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Emit.Cpu;

/// <summary>Text that turns a group into codes and writes them to the planes of a block, in registers where the layout allows.</summary>
internal static class PlaneStores
{
    /// <summary>So many vectors of codes are kept in registers; longer groups go through a buffer.</summary>
    private const int MostVectors = 8;

    /// <summary>The body of <c>Encode</c>.</summary>
    public static string Write(BlockPlan plan, ArmPlan arm)
    {
        string locals = Locals(plan);
        string Code(string element) => $"Code({Scaled(plan, $"VECTOR.LoadUnsafe(ref values, {CodeLoads.Index(element)})")})";
        if (plan.Element.Bits >= 8)
        {
            string store = plan.Element.Bits switch
            {
                8 => "StoreBytes",
                16 => "StoreWords",
                _ => "StoreDoubleWords",
            };
            return $"""
                {locals}
                ref byte codes = ref Unsafe.Add(ref block, {Place(plan, plan.Planes[0])});
                {CodeLoads.OverElements(plan, arm, (element, _) => $"LANES.{store}({Code(element)}, ref codes, {element});")}
                """;
        }
        int vectors = plan.Group / arm.Lanes;
        if (vectors > MostVectors)
        {
            return $"""
                {locals}
                {CodeLoads.OverElements(plan, arm, (element, _) =>
                    $"LANES.StoreBytes({Code(element)}, ref MemoryMarshal.GetReference(buffer), {element});"
                )}
                {string.Join("\n", plan.Planes.Select(plane => FromBuffer(plan, plane)))}
                """;
        }
        var lines = new List<string> { locals };
        lines.AddRange(Enumerable.Range(0, vectors).Select(v => $"VECTOR<int> code{v} = {Code(Text.Int(v * arm.Lanes))};"));
        PlanePlan[] others = [.. plan.Planes.Where(plane => !InRegisters(plane, arm))];
        if (others.Length > 0)
        {
            lines.AddRange(
                Enumerable
                    .Range(0, vectors)
                    .Select(v => $"LANES.StoreBytes(code{v}, ref MemoryMarshal.GetReference(buffer), {Text.Int(v * arm.Lanes)});")
            );
            lines.AddRange(others.Select(plane => FromBuffer(plan, plane)));
        }
        lines.AddRange(plan.Planes.Except(others).Select(plane => FromRegisters(plan, plane, arm)));
        return string.Join("\n", lines);
    }

    private static string Locals(BlockPlan plan) =>
        plan.Source == ScaleSource.None ? ""
        : plan.Offset is null ? "VECTOR<float> inverse = VECTOR.Create(inverseScale);"
        : """
            VECTOR<float> inverse = VECTOR.Create(inverseScale);
            VECTOR<float> codeOffset = VECTOR.Create(shift);
            """;

    private static string Scaled(BlockPlan plan, string x) =>
        plan.Source == ScaleSource.None ? x
        : plan.Offset is null ? $"{x} * inverse"
        : $"({x} - codeOffset) * inverse";

    /// <summary>
    /// Whether whole vectors of codes meet in a plane: byte j of a split plane takes codes a stride apart; bits are collected by one
    /// instruction.
    /// </summary>
    private static bool InRegisters(PlanePlan plane, ArmPlan arm) =>
        plane.Order == CodeOrder.Split
            ? plane.BytesPerGroup % arm.Lanes == 0
            : plane is { Bits: 1, Order: CodeOrder.LowFirst } && arm.Lanes >= 8;

    private static string FromRegisters(BlockPlan plan, PlanePlan plane, ArmPlan arm)
    {
        int lanes = arm.Lanes;
        string target = "ref Unsafe.Add(ref block, " + Place(plan, plane) + ")";
        if (plane.Order != CodeOrder.Split)
        {
            return string.Join(
                "\n",
                Enumerable
                    .Range(0, plan.Group / lanes)
                    .Select(v => $"LANES.StoreBits(code{v} >>> {Text.Int(plane.Shift)}, {target}, {Text.Int(v * lanes)});")
            );
        }
        // codes of two's complement have their sign above their bits
        bool alone = plan.Planes.Count == 1 && plan.Element is not IntElementModel { Code: IntCode.TwosComplement };
        return string.Join(
            "\n",
            Enumerable
                .Range(0, plane.BytesPerGroup / lanes)
                .Select(at =>
                {
                    string joined = string.Join(
                        " | ",
                        Enumerable
                            .Range(0, 8 / plane.Bits)
                            .Select(part => Moved($"code{(part * plane.BytesPerGroup + at * lanes) / lanes}", plane, part, alone))
                    );
                    return $"LANES.StoreBytes({joined}, {target}, {Text.Int(at * lanes)});";
                })
        );
    }

    /// <summary>A plane's bits of a code at their place in a byte; bits above the byte fall off when it is stored.</summary>
    private static string Moved(string code, PlanePlan plane, int part, bool alone)
    {
        string bits = plane.Shift == 0 ? code : $"{code} >>> {Text.Int(plane.Shift)}";
        if (!alone && part < 8 / plane.Bits - 1)
        {
            bits = $"({bits} & VECTOR.Create({Text.Int((1 << plane.Bits) - 1)}))";
        }
        return part == 0 ? bits : $"{(bits == code || bits[0] == '(' ? bits : $"({bits})")} << {Text.Int(part * plane.Bits)}";
    }

    private static string FromBuffer(BlockPlan plan, PlanePlan plane) =>
        $"BitPlanes.Write(buffer, {plane.Shift}, {plane.Bits}, CodeOrder.{plane.Order}, MemoryMarshal.CreateSpan(ref Unsafe.Add(ref "
        + $"block, {Place(plan, plane)}), {plane.Field}Bytes));";

    private static string Place(BlockPlan plan, PlanePlan plane) =>
        plan.Groups > 1 ? $"{plane.Field}Offset + g * {plane.Field}Bytes" : plane.Field + "Offset";
}
