namespace KernelGen.Models;

/// <summary>Llama 1 to 3.</summary>
internal sealed class LlamaArchitecture : DecoderArchitecture
{
    public override string ModelType => "llama";

    public override string Name => "llama";

    public override string ClassName => "LlamaForCausalLM";

    public override bool TurnsNeighbours => true;
}
