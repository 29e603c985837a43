using System.Text.RegularExpressions;

namespace KernelGen.Gpu.Tests;

/// <summary>
/// The instructions of a kernel's longest loop, by class. What ptxas joins for certain counts once: a product that only an addition uses
/// (fma), a 64-bit product and sum (an address), two logical operations in a row (lop3). Not counted are moves between registers,
/// widening, constant offsets of addresses, what does not change in the loop, the slots of inline instructions in local memory, and the way
/// out.
/// </summary>
internal sealed partial class PtxCost
{
    private static readonly string[] s_logic = ["and.b32", "or.b32", "xor.b32"];

    private PtxCost(string loop)
    {
        Text = loop;
        Instruction[] all =
        [
            .. Line().Matches(loop).Select(match => new Instruction(match.Groups[1].Value, Registers(match.Groups[2].Value))),
        ];
        Raw = all.Length / 32.0;
        Count(Resolve(all));
        double scale = 1.0 / 32;
        (Integer, Float, Conversion, Dot, Load, Address, Other) = (
            Count("integer") * scale,
            Count("float") * scale,
            Count("conversion") * scale,
            Count("dp4a") * scale,
            Count("load") * scale,
            Count("address") * scale,
            Count("other") * scale
        );
        Lookups = SharedLoad().Count(loop);
    }

    private readonly Dictionary<string, int> _classes = [];

    public string Text { get; }

    /// <summary>Per weight: all lines of the loop.</summary>
    public double Raw { get; }

    public double Integer { get; }

    public double Float { get; }

    public double Conversion { get; }

    public double Dot { get; }

    public double Load { get; }

    public double Address { get; }

    public double Other { get; }

    /// <summary>Loads from shared memory in the loop: tables.</summary>
    public int Lookups { get; }

    /// <summary>Per weight: what is issued.</summary>
    public double Issued => Integer + Float + Conversion + Dot + Load + Address + Other;

    /// <summary>The cost of a kernel's longest loop.</summary>
    public static PtxCost Of(string ptx)
    {
        string[] lines = ptx.Split('\n');
        var labels = new Dictionary<string, int>();
        string longest = "";
        for (int i = 0; i < lines.Length; i++)
        {
            if (Label().Match(lines[i]) is { Success: true } label)
            {
                labels[label.Groups[1].Value] = i;
            }
            else if (Branch().Match(lines[i]) is { Success: true } branch && labels.TryGetValue(branch.Groups[1].Value, out int start))
            {
                string loop = string.Join('\n', lines[start..(i + 1)]);
                longest = loop.Length > longest.Length ? loop : longest;
            }
        }
        return new PtxCost(longest);
    }

    /// <summary>Each instruction with those whose results it reads; registers are written more than once.</summary>
    private static List<Node> Resolve(Instruction[] all)
    {
        var last = new Dictionary<string, Node>();
        var written = all.SelectMany(instruction => instruction.AllWritten).ToHashSet();
        var nodes = new List<Node>();
        foreach (Instruction instruction in all)
        {
            var node = new Node(instruction);
            foreach (string register in instruction.Read)
            {
                if (last.TryGetValue(register, out Node? source))
                {
                    node.Sources.Add(source);
                    source.Uses++;
                    node.Varies |= source.Varies;
                    node.IsOffset |= source.IsConstant;
                }
                else
                {
                    node.Varies |= written.Contains(register); // from the round before
                    node.ReadsOutside = true;
                }
            }
            node.Varies |= instruction.Name is "ld.local.f32" or "ld.local.b32" or "cvt.f32.f16" or "bra.uni";
            foreach (string register in instruction.AllWritten)
            {
                last[register] = node;
            }
            nodes.Add(node);
        }
        return nodes;
    }

    private void Count(List<Node> nodes)
    {
        foreach (Node node in nodes.Where(node => node.Varies))
        {
            string name = node.Instruction.Name;
            if (node.IsOffset && name is ("add.u64" or "add.s64"))
            {
                continue;
            }
            Node? before = node.Sources.FirstOrDefault(source =>
                source is { Uses: 1, Varies: true, IsJoined: false } && Joins(source.Instruction.Name, name)
            );
            if (before is null)
            {
                Add(name);
            }
            else if (s_logic.Contains(name))
            {
                node.IsJoined = true; // a lop3 has three inputs, no more
            }
        }
    }

    private int Count(string name) => _classes.GetValueOrDefault(name);

    private void Add(string name)
    {
        string kind =
            name.StartsWith("mov", StringComparison.Ordinal)
            || name is "cvt.s64.s32" or "cvt.s32.u16" or "cvt.u32.u16" or "cvt.s32.u8" or "bra"
            || name.Contains(".local", StringComparison.Ordinal)
                ? "free"
            : name.StartsWith("ld", StringComparison.Ordinal) ? "load"
            : name.StartsWith("dp4a", StringComparison.Ordinal) ? "dp4a"
            : name.StartsWith("cvt", StringComparison.Ordinal) ? "conversion"
            : name.Contains("64", StringComparison.Ordinal) || name.StartsWith("mul.wide", StringComparison.Ordinal) ? "address"
            : name.StartsWith("bra", StringComparison.Ordinal) || name.StartsWith("setp", StringComparison.Ordinal) ? "other"
            : name.EndsWith(".f32", StringComparison.Ordinal) ? "float"
            : "integer";
        _classes[kind] = _classes.GetValueOrDefault(kind) + 1;
    }

    private static bool Joins(string first, string second) =>
        (first, second) switch
        {
            ("mul.f32", "add.f32" or "sub.f32") => true,
            ("mul.wide.u32" or "mul.wide.s32", "add.u64" or "add.s64") => true,
            ("mul.lo.s32", "add.s32") => true,
            _ => s_logic.Contains(first) && s_logic.Contains(second),
        };

    private static string[] Registers(string operands) => [.. Register().Matches(operands).Select(match => match.Value)];

    private sealed class Node(Instruction instruction)
    {
        public Instruction Instruction { get; } = instruction;

        public List<Node> Sources { get; } = [];

        public int Uses { get; set; }

        /// <summary>Whether its result differs from one round to the next.</summary>
        public bool Varies { get; set; }

        /// <summary>Whether it is an address and a constant.</summary>
        public bool IsOffset { get; set; }

        public bool ReadsOutside { get; set; }

        public bool IsJoined { get; set; }

        /// <summary>Whether it computes a number from numbers.</summary>
        public bool IsConstant => Sources.Count == 0 && !ReadsOutside && Instruction.Name.StartsWith("mul.wide", StringComparison.Ordinal);
    }

    private sealed record Instruction(string Name, string[] Operands)
    {
        private bool Writes => !Name.StartsWith("st", StringComparison.Ordinal) && !Name.StartsWith("bra", StringComparison.Ordinal);

        /// <summary>Registers that it writes: four where it loads a vector.</summary>
        public IEnumerable<string> AllWritten =>
            !Writes
                ? []
                : Operands.Take(
                    Name.Contains(".v4", StringComparison.Ordinal) ? 4
                    : Name.Contains(".v2", StringComparison.Ordinal) ? 2
                    : 1
                );

        public string? Written => Writes ? Operands.FirstOrDefault() : null;

        public IEnumerable<string> Read => Operands.Except(AllWritten).Concat(Operands.Skip(AllWritten.Count()).Intersect(AllWritten));
    }

    [GeneratedRegex(@"^\s+(?:\{ \.reg [^;]*; mov[^;]*;\s*)?(?:@!?%p\d+\s+)?([a-z][\w.]*)\s+([^\n;]*);", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"%\w+")]
    private static partial Regex Register();

    [GeneratedRegex(@"^\s*(L_\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"bra(?:\.uni)?\s+(L_\w+);")]
    private static partial Regex Branch();

    [GeneratedRegex(@"ld\.shared")]
    private static partial Regex SharedLoad();
}
