using System.Globalization;
using System.Text;
using Iced.Intel;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode;

/// <summary>A kernel's bytes, with comments by the index of an instruction.</summary>
internal sealed record AssembledKernel(KernelShape Shape, byte[] Bytes, IReadOnlyDictionary<int, string> Notes)
{
    /// <summary>The bytes as C#, one instruction a line.</summary>
    public string Listing(string indent)
    {
        var formatter = new IntelFormatter();
        formatter.Options.SpaceAfterOperandSeparator = true;
        formatter.Options.MemorySizeOptions = MemorySizeOptions.Minimal;
        formatter.Options.HexPrefix = "0x";
        formatter.Options.HexSuffix = "";
        formatter.Options.BranchLeadingZeros = false;
        var output = new StringOutput();
        var text = new StringBuilder();
        var decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(Bytes));
        for (int index = 0, start = 0; start < Bytes.Length; index++, start = (int)decoder.IP)
        {
            Instruction instruction = decoder.Decode();
            formatter.Format(instruction, output);
            string bytes = string.Join(" ", Bytes[start..(int)decoder.IP].Select(value => $"0x{value:X2},"));
            string note = Notes.TryGetValue(index, out string? comment) ? $"  ; {comment}" : "";
            text.Append(indent)
                .Append(CultureInfo.InvariantCulture, $"{bytes, -66}// {start:x4} {output.ToStringAndReset()}{note}")
                .Append('\n');
        }
        return text.ToString();
    }
}
